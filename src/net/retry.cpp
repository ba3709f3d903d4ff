#include "net/retry.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockable::net {
namespace {

using namespace std::chrono_literals;

struct Reason {
  int status;
  const char* phrase;
};

constexpr Reason kReasons[] = {
    {304, "Not Modified"}, {400, "Bad Request"},         {401, "Unauthorized"},
    {403, "Forbidden"},    {404, "Not Found"},           {407, "Proxy Authentication Required"},
    {410, "Gone"},         {429, "Too Many Requests"},   {500, "Internal Server Error"},
    {502, "Bad Gateway"},  {503, "Service Unavailable"}, {504, "Gateway Timeout"}};

std::string in_seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:g} s", std::chrono::duration<double>(time).count());
}

std::string count(int tries) { return tries == 1 ? "1 try" : fmt::format("{} tries", tries); }

/// What one try came to.
struct Outcome {
  std::optional<Response> response;  // nothing: no answer
  std::string problem;               // empty: the response is what we wanted
  std::optional<std::chrono::seconds> retry_after;
};

Outcome try_once(const Surroundings& surroundings) try {
  Outcome outcome;
  outcome.response = surroundings.send();
  if (worth_retrying(outcome.response->status)) {
    outcome.problem = describe_status(outcome.response->status);
    outcome.retry_after = outcome.response->retry_after;
  }
  return outcome;
} catch (const HttpError& error) {
  if (error.trouble() == Trouble::kLasting) throw;
  return {std::nullopt, error.what(), std::nullopt};
}

std::string give_up_message(const Outcome& outcome, int tries, std::optional<std::chrono::nanoseconds> wait) {
  std::string text = outcome.problem + "; " + count(tries);
  if (wait)
    text += fmt::format(", and the next, {}in {}, would come after the timeout",
                        outcome.retry_after ? "as the server asks " : "", in_seconds(*wait));
  return text;
}

}  // namespace

std::optional<std::chrono::nanoseconds> next_wait(const RetryRules& rules, int tries,
                                                  std::optional<std::chrono::seconds> retry_after) {
  if (tries > rules.retries) return std::nullopt;
  if (retry_after && *retry_after > 0s) return *retry_after;
  return rules.first_wait * (std::int64_t{1} << std::clamp(tries - 1, 0, 20));
}

bool worth_retrying(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

std::string describe_status(int status) {
  for (const Reason& reason : kReasons)
    if (reason.status == status) return fmt::format("HTTP status {} ({})", status, reason.phrase);
  return fmt::format("HTTP status {}", status);
}

Response send_with_retries(const RetryRules& rules, BootClock::time_point deadline,
                           const Surroundings& surroundings) {
  for (int tries = 1;; ++tries) {
    Outcome outcome = try_once(surroundings);
    if (outcome.problem.empty()) return std::move(*outcome.response);
    const auto now = surroundings.now();
    const auto wait = now < deadline ? next_wait(rules, tries, outcome.retry_after) : std::nullopt;
    if (!wait || *wait >= deadline - now)
      throw HttpError(give_up_message(outcome, tries, wait), Trouble::kPassing, outcome.retry_after);
    surroundings.on_waiting(fmt::format("{}; trying again in {}", outcome.problem, in_seconds(*wait)));
    surroundings.wait(now + *wait);
  }
}

}  // namespace lockable::net
