#include "cli/ctl/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lockable::cli {
namespace {

using std::chrono::seconds;

constexpr seconds kMost = std::chrono::hours(24 * 36525);

constexpr seconds unit_of(char letter) {
  switch (letter) {
    case 'w':
      return std::chrono::hours(24 * 7);
    case 'd':
      return std::chrono::hours(24);
    case 'h':
      return std::chrono::hours(1);
    case 'm':
      return std::chrono::minutes(1);
    case 's':
      return seconds(1);
    default:
      return seconds(0);
  }
}

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
  seconds total{0};
  seconds last = seconds::max();
  while (!text.empty()) {
    unsigned count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
    const seconds unit = unit_of(*end);
    if (unit == seconds(0) || unit >= last || count > kMost / unit) return std::nullopt;
    last = unit;
    total += count * unit;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  if (total == seconds(0) || total > kMost) return std::nullopt;
  return total;
}

std::string duration_text(std::chrono::nanoseconds span) {
  constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
  const auto all = std::max<std::int64_t>(0, std::chrono::duration_cast<seconds>(span).count());
  if (all < 60) return fmt::format("{} s", all);
  if (all < kHour) return fmt::format("{} min", all / 60);
  const std::int64_t minutes = all % kHour / 60, hours = all % kDay / kHour;
  if (all < kDay) return fmt::format(minutes == 0 ? "{} h" : "{} h {} min", hours, minutes);
  return fmt::format(hours == 0 ? "{} d" : "{} d {} h", all / kDay, hours);
}

}  // namespace lockable::cli
