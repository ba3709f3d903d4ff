#include "net/line_stream.h"

#include <algorithm>

#include "json/one_line.h"
#include "net/retry.h"
#include "platform/wakeup.h"

namespace lockable::net {

LineStream::LineStream(const Request& request)
    : transfer_(request, connections_, BootClock::now() + request.limits.connect) {}

std::optional<std::string> LineStream::take_line() {
  std::string& body = transfer_.body();
  const auto end = body.find('\n');
  if (end == body.npos) return std::nullopt;
  std::string line = body.substr(0, end);
  body.erase(0, end + 1);
  return line;
}

std::optional<std::string> LineStream::next(BootClock::time_point until, const std::vector<int>& fds) {
  for (;;) {
    if (auto line = take_line()) return line;
    const bool ended = transfer_.advance();
    if (auto line = take_line()) return line;
    if (ended) {
      const Response answer = transfer_.take_answer().response;
      if (answer.status == 200) throw HttpError("the server ended its answer", Trouble::kPassing);
      throw HttpError(describe_status(answer.status) + ": " + one_line(answer.body),
                      worth_retrying(answer.status) ? Trouble::kPassing : Trouble::kLasting);
    }
    if (BootClock::now() >= until || std::any_of(fds.begin(), fds.end(), platform::readable)) return {};
    transfer_.wait(until, fds);
  }
}

}  // namespace lockable::net
