/// \file
/// An answer that comes in lines and has no end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/transfer.h"

namespace lockable::net {

/// One request and its lines. One thread at a time; not for a forked child.
class LineStream {
 public:
  /// Does not wait. Throws HttpError. `request.limits.size` bounds what has come and was not read.
  explicit LineStream(const Request& request);

  /// The next line, without its end; blocks until there is one, `until` has come or one of the descriptors is
  /// readable (-1 is none): then it is empty. Throws HttpError when there will be none any more: the server
  /// refused (the message has what it said), ended the answer, or is gone.
  std::optional<std::string> next(BootClock::time_point until, const std::vector<int>& fds);

 private:
  std::optional<std::string> take_line();

  Connections connections_;
  Transfer transfer_;
};

}  // namespace lockable::net
