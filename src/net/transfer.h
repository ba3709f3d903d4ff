/// \file
/// One exchange with one server: no redirects, no retries.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http.h"

namespace lockable::net {

/// Connections to servers, kept open between one exchange and the next. One thread at a time, one exchange at
/// a time; must not be used, nor destroyed, by a forked child. Throws HttpError when libcurl cannot be had.
class Connections {
 public:
  Connections();
  Connections(Connections&&) noexcept;
  Connections& operator=(Connections&&) noexcept;
  ~Connections();

 private:
  friend class Transfer;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct Exchange {
  Response response;
  std::string redirect_url;  ///< where the answer points to, complete; empty when nowhere
};

/// An exchange under way. The destructor ends it.
class Transfer {
 public:
  /// Does not wait; a connection must be had until `end`. `connections` must outlive it.
  Transfer(Request request, Connections& connections, BootClock::time_point end);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Sends and receives what can be without waiting. True when the answer is complete. Throws HttpError.
  bool advance();
  /// Until there is more to send or receive, or one of the descriptors is readable (-1 is none); a second at
  /// most.
  void wait(BootClock::time_point until, const std::vector<int>& fds);
  /// What has been received and not been taken out of it.
  std::string& body();
  /// Once complete.
  Exchange take_answer();

 private:
  class Impl;
  Connections& connections_;
  std::unique_ptr<Impl> impl_;
};

/// Empty when it is not complete at `end`. Sends to `request.url`, with `request.identification` as it is.
/// Throws HttpError, Interrupted.
std::optional<Exchange> exchange(const Request& request, Connections& connections, BootClock::time_point end,
                                 int interrupt_fd);

}  // namespace lockable::net
