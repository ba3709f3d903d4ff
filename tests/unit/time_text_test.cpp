#include "platform/time_text.h"

#include <gtest/gtest.h>
#include <time.h>

#include <array>
#include <string>

namespace lockable::platform {
namespace {

using std::chrono::milliseconds;

WallTime at(std::int64_t milliseconds_since_1970) { return WallTime(milliseconds(milliseconds_since_1970)); }

TEST(TimeText, TellsTheMillisecond) {
  EXPECT_EQ(iso8601(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(at(951'782'399'999)), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(iso8601(at(951'782'400'000)), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(iso8601(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(TimeText, DatesAreThoseOfTheSystem) {
  constexpr std::int64_t kHours13 = 13 * 3600;
  for (std::int64_t second = -5'000'000'000; second < 8'000'000'000; second += kHours13) {
    const std::time_t time = second;
    std::tm parts{};
    ASSERT_NE(::gmtime_r(&time, &parts), nullptr);
    std::array<char, 64> text{};
    ASSERT_GT(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts), 0U);
    ASSERT_EQ(iso8601(at(second * 1000)), text.data());
  }
}

TEST(TimeText, IsReadBack) {
  const WallTime time = at(1'769'860'800'123);
  EXPECT_EQ(parse_iso8601(iso8601(time)), time);
  EXPECT_FALSE(parse_iso8601("2026-02-30T00:00:00.000Z"));
}

}  // namespace
}  // namespace lockable::platform
