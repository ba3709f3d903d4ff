#include "allocation/health.h"

#include <gtest/gtest.h>

#include "unit/memory_store.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;
using testing::MemoryStore;
using testing::SetClock;

class HealthTest : public ::testing::Test {
 protected:
  HealthTest() {
    options_.clock = clock_;
    options_.on_warning = [this](const std::string& text) { warned_.push_back(text); };
  }

  Granted take(const std::vector<std::string>& ids) {
    std::vector<Claim> claims;
    for (const std::string& id : ids) claims.push_back({id, "alloc"});
    return {store_.commit({}, claims, Json::object()), {}};
  }
  bool good(Granted& granted, const Wants& wants) {
    return examine({options_, store_, *inventory_, owner_}, granted, wants);
  }
  bool good(const std::string& id) {
    Granted granted = take({id});
    return good(granted, {{{"a", "b"}}});
  }
  bool end(Outcome outcome, int quarantine_after = 2) {
    const auto leases = take({"a"}).leases;
    return end_use({quarantine_after, owner_, outcome, "test X"}, *leases.front(), clock_->wall());
  }

  std::shared_ptr<SetClock> clock_ = std::make_shared<SetClock>();
  MemoryStore store_{*clock_};
  Options options_;
  const std::shared_ptr<const Inventory> inventory_ =
      Inventory::from_json(Json::array({{{"id", "a"}}, {{"id", "b"}}}), "test");
  const Json owner_{{"user", "ann"}};
  std::vector<std::string> warned_;
};

TEST_F(HealthTest, WhatFailsItsProbeIsSetAsideForAWhile) {
  options_.probe = "echo broken; exit 3";
  options_.set_aside_for = 90s;
  EXPECT_FALSE(good("a"));
  EXPECT_EQ(store_.reserved["a"], (Json{{"user", "ann"},
                                        {"set_aside", true},
                                        {"since", "2019-12-20T01:00:00.000Z"},
                                        {"until", "2019-12-20T01:01:30.000Z"},
                                        {"note", "probe failed: exit code 3: broken"}}));
  EXPECT_EQ(warned_.at(0),
            "a is set aside until 2019-12-20T01:01:30.000Z: probe failed: exit code 3: broken; "
            "`lockablectl release a` ends that");
  EXPECT_THROW(good("b"), AllSetAside);
}

TEST_F(HealthTest, ATimeWithoutEndDoesNotOverflow) {
  options_.probe = "false";
  options_.set_aside_for = std::chrono::nanoseconds::max();
  EXPECT_FALSE(good("a"));
  EXPECT_EQ(store_.reserved["a"]["until"].get<std::string>().substr(0, 2), "21");
}

TEST_F(HealthTest, OthersThatWereGrantedAreGivenBack) {
  options_.probe = "test $LOCKABLE_RESOURCE_ID = a";
  Granted granted = take({"a", "b"});
  EXPECT_THROW(good(granted, {Want{{"a"}}, Want{{"b"}}}), AllSetAside);
  EXPECT_TRUE(granted.leases.empty());
  EXPECT_EQ(store_.held, std::set<std::string>{"b"});
}

TEST_F(HealthTest, WhenItCannotBeSetAsideNothingIsHeld) {
  options_.probe = "false";
  store_.reserving_fails = true;
  EXPECT_THROW(good("a"), StoreError);
  EXPECT_TRUE(store_.held.empty());
}

TEST_F(HealthTest, TheDeadAreCounted) {
  options_.quarantine_after = 2;
  store_.died = {"a"};
  EXPECT_TRUE(good("a"));
  EXPECT_EQ(store_.failures["a"], 1);
  store_.died = {"a"};
  EXPECT_FALSE(good("a"));
  EXPECT_EQ(store_.failures["a"], 0);
  EXPECT_EQ(store_.reserved["a"]["note"], "2 owners in a row failed, the last: died without releasing it");
  EXPECT_EQ(store_.reserved["a"].count("until"), 0U);
}

TEST_F(HealthTest, FailuresInARow) {
  EXPECT_FALSE(end(Outcome::kFailure));
  EXPECT_FALSE(end(Outcome::kUnknown));
  EXPECT_EQ(store_.failures["a"], 1);
  EXPECT_FALSE(end(Outcome::kSuccess));
  EXPECT_EQ(store_.failures["a"], 0);
  EXPECT_FALSE(end(Outcome::kFailure));
  EXPECT_TRUE(end(Outcome::kFailure));
  EXPECT_EQ(store_.failures["a"], 0);
  EXPECT_EQ(store_.reserved["a"]["note"], "2 owners in a row failed, the last: test X");
}

TEST_F(HealthTest, NothingIsCountedUnlessAsked) {
  EXPECT_FALSE(looks_at_health(options_));
  EXPECT_FALSE(end(Outcome::kFailure, 0));
  EXPECT_EQ(store_.failures.count("a"), 0U);
}

TEST_F(HealthTest, WhereNoReservationCanBeLeftItIsReleasedAsEver) {
  store_.reserving_fails = true;
  EXPECT_FALSE(end(Outcome::kFailure, 1));
}

}  // namespace
}  // namespace lockable
