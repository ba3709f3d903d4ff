// When a source is asked again, and what is kept while it is broken.
#include <gtest/gtest.h>

#include "providers/last_good.h"
#include "providers/refresh_schedule.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

constexpr BootClock::time_point kNow{1h};

TEST(RefreshScheduleTest, AtFirstItIsTime) {
  const RefreshSchedule schedule(1s, 5s);
  EXPECT_TRUE(schedule.due_for_new_request(kNow));
  EXPECT_TRUE(schedule.due_for_waiting_request(kNow));
}

TEST(RefreshScheduleTest, NewRequestsAskSoonWaitingOnesNowAndThen) {
  RefreshSchedule schedule(1s, 5s);
  schedule.answered(kNow);
  EXPECT_FALSE(schedule.due_for_new_request(kNow + 999ms));
  EXPECT_TRUE(schedule.due_for_new_request(kNow + 1s));
  EXPECT_FALSE(schedule.due_for_waiting_request(kNow + 4999ms));
  EXPECT_TRUE(schedule.due_for_waiting_request(kNow + 5s));
}

TEST(RefreshScheduleTest, AServerInTroubleIsLeftAlone) {
  RefreshSchedule schedule(1s, 5s);
  schedule.failed(kNow - 10ms, kNow, 0s);
  EXPECT_FALSE(schedule.due_for_new_request(kNow + 4999ms));
  EXPECT_TRUE(schedule.due_for_new_request(kNow + 5s));
  schedule.failed(kNow - 60s, kNow, 0s);
  EXPECT_FALSE(schedule.due_for_waiting_request(kNow + 59s));
  EXPECT_TRUE(schedule.due_for_waiting_request(kNow + 60s));
  schedule.failed(kNow, kNow, 90s);
  EXPECT_FALSE(schedule.due_for_new_request(kNow + 89s));
  EXPECT_TRUE(schedule.due_for_new_request(kNow + 90s));
}

/// Breaks the source, as a provider sees it.
void broken(LastGood& last_good, const std::string& problem) {
  try {
    throw ProviderError(problem);
  } catch (const Error& error) {
    last_good.keep_despite(error);
  }
}

TEST(LastGoodTest, WithNothingToKeepTheProblemIsThrown) {
  LastGood last_good("here");
  EXPECT_THROW(broken(last_good, "gone"), ProviderError);
  EXPECT_THROW(last_good.read("[{]"), InvalidInventory);
  EXPECT_EQ(last_good.inventory(), nullptr);
}

TEST(LastGoodTest, EachNewProblemIsToldOnce) {
  LastGood last_good("here");
  last_good.read(R"([{"id": "a"}])");
  broken(last_good, "gone");
  EXPECT_EQ(last_good.take_warning(), "gone; going on with the inventory as it was before");
  broken(last_good, "gone");
  EXPECT_EQ(last_good.take_warning(), "");
  broken(last_good, "burnt");
  EXPECT_NE(last_good.take_warning(), "");
  last_good.keep();
  broken(last_good, "burnt");
  EXPECT_NE(last_good.take_warning(), "");
  EXPECT_NE(last_good.inventory()->find("a"), nullptr);
}

TEST(LastGoodTest, TheSameTextIsTheSameObject) {
  LastGood last_good("here");
  last_good.read(R"([{"id": "a"}])");
  const auto first = last_good.inventory();
  last_good.read(R"([{"id": "a"}])");
  EXPECT_EQ(last_good.inventory(), first);
  last_good.read(R"([{"id": "b"}])");
  EXPECT_NE(last_good.inventory(), first);
}

}  // namespace
}  // namespace lockable
