/// \file
/// When to try again, and whether.
#pragma once

#include <lockable/clock.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/http.h"

namespace lockable::net {

struct RetryRules {
  int retries = 9;
  std::chrono::nanoseconds first_wait = std::chrono::seconds(1);  ///< doubles with each retry
};

/// How long to wait after `tries` vain ones, or nothing when there have been enough. What the server asked
/// for goes before our own doubling. Pure.
std::optional<std::chrono::nanoseconds> next_wait(const RetryRules& rules, int tries,
                                                  std::optional<std::chrono::seconds> retry_after);

/// Whether the server says that it may answer better in a moment: 429, 500, 502, 503, 504. Pure.
bool worth_retrying(int status);
/// `HTTP status 503 (Service Unavailable)`. Pure.
std::string describe_status(int status);

/// What sending again needs from outside; tests pass their own.
struct Surroundings {
  std::function<Response()> send;
  std::function<BootClock::time_point()> now;
  std::function<void(BootClock::time_point until)> wait;             ///< may throw Interrupted
  std::function<void(const std::string& what_happened)> on_waiting;  ///< before each wait
};

/// Sends until there is an answer that is not worth_retrying(), or the retries are used up, or the next wait
/// would reach beyond the deadline: then at once. Throws HttpError, which says what happened and how many
/// tries were made, and whatever `surroundings` throw.
Response send_with_retries(const RetryRules& rules, BootClock::time_point deadline,
                           const Surroundings& surroundings);

}  // namespace lockable::net
