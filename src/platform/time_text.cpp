#include "platform/time_text.h"

#include <fmt/format.h>
#include <time.h>

#include <cstdint>
#include <cstdio>

namespace lockable::platform {

namespace {

constexpr std::int64_t kDay = 86'400'000;  // milliseconds

struct Date {
  std::int64_t year = 0, month = 0, day = 0;
};

std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return (a % b + b) % b; }

// Of a day since 1970-01-01, in the Gregorian calendar; gmtime(3) would read the time zone first. Counts in
// years that begin in March, in 400 of which there are 146 097 days.
Date date_of(std::int64_t since_1970) {
  const std::int64_t since_0 = since_1970 + 719'468;
  const std::int64_t in_era = floor_mod(since_0, 146'097);
  const std::int64_t year = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
  const std::int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * in_year + 2) / 153;
  Date date;
  date.day = in_year - (153 * month + 2) / 5 + 1;
  date.month = month < 10 ? month + 3 : month - 9;
  date.year = year + (since_0 - in_era) / 146'097 * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

}  // namespace

std::string iso8601(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  const auto in_day = floor_mod(milliseconds, kDay);
  const Date date = date_of((milliseconds - in_day) / kDay);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", date.year, date.month, date.day,
                     in_day / 3'600'000, in_day / 60'000 % 60, in_day / 1000 % 60, in_day % 1000);
}

std::optional<WallTime> parse_iso8601(const std::string& text) {
  std::tm parts{};
  int milliseconds = 0, length = 0;
  const int found =
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds, &length);
  if (found != 7 || static_cast<std::size_t>(length) != text.size()) return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const WallTime time = std::chrono::time_point_cast<WallTime::duration>(
      std::chrono::system_clock::from_time_t(::timegm(&parts)) + std::chrono::milliseconds(milliseconds));
  return iso8601(time) == text ? std::optional<WallTime>(time) : std::nullopt;
}

std::optional<WallTime> parse_http_date(const std::string& text) {
  std::tm parts{};
  const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace lockable::platform
