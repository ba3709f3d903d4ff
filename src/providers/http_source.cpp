#include "providers/http_source.h"

#include <fmt/format.h>

#include "net/retry.h"
#include "net/url.h"
#include "platform/wakeup.h"
#include "providers/http_settings.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

constexpr auto kShortAttempt = 3s;

std::string header(const net::Response& response, const char* name) {
  const auto known = response.headers.find(name);
  return known == response.headers.end() ? "" : known->second;
}

const char* hint(int status) {
  if (status == 401 || status == 403)
    return " (LOCKABLE_HTTP_TOKEN, a netrc file or a user in the URL tell the server who we are)";
  return "";
}

}  // namespace

HttpSource::HttpSource(std::string url, const HttpOptions& options)
    : url_(std::move(url)), name_(net::shown(url_)), options_(with_environment(options)) {}

HttpAnswer HttpSource::ask(const Validators& known, BootClock::time_point deadline, int interrupt_fd,
                           Tries tries, const OnWarning& on_waiting) const {
  const auto now = BootClock::now();
  const bool in_time = deadline > now;
  const int retries = in_time && tries == Tries::kSeveral ? options_.retries : 0;
  return read(
      send(request(known), in_time ? deadline : now + kShortAttempt, interrupt_fd, retries, on_waiting),
      known);
}

net::Request HttpSource::request(const Validators& known) const {
  net::Request request;
  request.url = url_;
  request.headers.emplace_back("Accept: application/json");
  if (!known.etag.empty()) request.headers.push_back("If-None-Match: " + known.etag);
  if (!known.last_modified.empty()) request.headers.push_back("If-Modified-Since: " + known.last_modified);
  try {
    request.identification = identification(options_);
  } catch (const ProviderError& error) {
    fail(error.what());
  }
  request.limits.connect = options_.connect_limit;
  request.limits.total = options_.total_limit;
  request.limits.size = options_.size_limit;
  return request;
}

net::Response HttpSource::send(const net::Request& request, BootClock::time_point deadline, int interrupt_fd,
                               int retries, const OnWarning& on_waiting) const try {
  net::Surroundings surroundings;
  surroundings.send = [&] { return net::send(request, deadline, interrupt_fd); };
  surroundings.now = BootClock::now;
  surroundings.wait = [interrupt_fd](BootClock::time_point until) {
    if (platform::Timer().wait_readable({interrupt_fd}, until)) throw Interrupted("");
  };
  surroundings.on_waiting = [&](const std::string& what) {
    if (on_waiting) on_waiting(fmt::format("inventory {}: {}", name_, what));
  };
  return net::send_with_retries({retries, options_.first_wait}, deadline, surroundings);
} catch (const net::HttpError& error) {
  fail(error.what(), error.retry_after().value_or(0s));
} catch (const Interrupted&) {
  throw Interrupted("interrupted while waiting for the inventory " + name_);
}

HttpAnswer HttpSource::read(net::Response response, const Validators& known) const {
  HttpAnswer answer;
  if (response.status == 304 && !(known.etag.empty() && known.last_modified.empty())) {
    answer.validators = known;
    return answer;
  }
  if (response.status != 200) fail(net::describe_status(response.status) + hint(response.status));
  answer.validators = {header(response, "etag"), header(response, "last-modified")};
  answer.text = std::move(response.body);
  return answer;
}

void HttpSource::fail(const std::string& what, std::chrono::nanoseconds retry_after) const {
  throw HttpSourceError(fmt::format("inventory {}: {}", name_, what), retry_after);
}

}  // namespace lockable
