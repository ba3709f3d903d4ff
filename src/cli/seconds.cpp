#include "cli/seconds.h"

#include <algorithm>
#include <cstdint>

namespace lockable::cli {

const CLI::Validator& seconds_check() {
  static const CLI::Validator check(
      [](const std::string& text) {
        double value = 0;
        const bool good = CLI::detail::lexical_cast(text, value) && value >= 0;
        return good ? std::string() : "expected seconds, 0 or more, found '" + text + "'";
      },
      "SECONDS");
  return check;
}

std::chrono::nanoseconds nanoseconds(double seconds) {
  constexpr double kMost = 9e9;  // 285 years
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(seconds, kMost) * 1e9));
}

}  // namespace lockable::cli
