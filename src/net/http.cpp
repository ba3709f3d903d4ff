#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/transfer.h"
#include "net/url.h"

namespace lockable::net {
namespace {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool proves_who_we_are(const Identification& who, const std::string& url) {
  return !who.bearer_token.empty() || !who.netrc_file.empty() || !who.certificate_file.empty() ||
         has_user(url);
}

// Our own proofs are for the server first asked; the others only learn whom we trust.
Identification for_strangers(const Identification& who) {
  Identification less;
  less.ca_file = who.ca_file;
  return less;
}

void check_redirect(const Request& first, const std::string& from, const std::string& to) {
  if (!is_http_url(to))
    throw HttpError("redirected to " + shown(to) + ", which is neither http:// nor https://",
                    Trouble::kLasting);
  if (is_https_url(from) && !is_https_url(to) && proves_who_we_are(first.identification, first.url))
    throw HttpError(
        "redirected from https:// to " + shown(to) + ": not followed, since the request carries credentials",
        Trouble::kLasting);
}

void go_to(Request& hop, const Request& first, const std::string& url) {
  const bool same = origin(url) == origin(first.url);
  hop.url = same ? with_user_of(first.url, url) : without_user(url);
  hop.identification = same ? first.identification : for_strangers(first.identification);
}

[[noreturn]] void fail_for_time(const Request& request, BootClock::time_point started,
                                BootClock::time_point end) {
  const auto had = std::chrono::duration<double>(end - started).count();
  throw HttpError(
      end - started >= request.limits.total
          ? fmt::format("no complete answer within {:g} s", had)
          : fmt::format("no complete answer within {:.2g} s, which is all the time there was", had),
      Trouble::kPassing);
}

}  // namespace

Response send(const Request& request, BootClock::time_point deadline, int interrupt_fd) {
  const auto started = BootClock::now();
  const auto end = deadline - started > request.limits.total ? started + request.limits.total : deadline;
  Request hop = request;
  Connections connections;
  for (int redirects = 0;; ++redirects) {
    auto answer = exchange(hop, connections, end, interrupt_fd);
    if (!answer) fail_for_time(request, started, end);
    if (request.method != "GET" || !is_redirect(answer->response.status) || answer->redirect_url.empty())
      return std::move(answer->response);
    if (redirects == request.limits.redirects)
      throw HttpError(
          fmt::format("more than {} redirects, the last one to {}", redirects, shown(answer->redirect_url)),
          Trouble::kLasting);
    check_redirect(request, hop.url, answer->redirect_url);
    go_to(hop, request, answer->redirect_url);
  }
}

}  // namespace lockable::net
