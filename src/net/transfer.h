/// \file
/// One exchange with one server: no redirects, no retries.
#pragma once

#include <optional>
#include <string>

#include "net/http.h"

namespace lockable::net {

struct Exchange {
  Response response;
  std::string redirect_url;  ///< where the answer points to, complete; empty when nowhere
};

/// Empty when it is not complete at `end`. Sends to `request.url`, with `request.identification` as it is.
/// Throws HttpError, Interrupted.
std::optional<Exchange> exchange(const Request& request, BootClock::time_point end, int interrupt_fd);

}  // namespace lockable::net
