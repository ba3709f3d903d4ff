#include "allocation/request.h"

#include <gtest/gtest.h>
#include <lockable/error.h>

#include "allocation/holdings.h"
#include "unit/memory_store.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;
using testing::MemoryStore;
using testing::SetClock;

class RequestTest : public ::testing::Test {
 protected:
  RequestTest() { options_.clock = clock_; }

  Granted ask(Wants wants, std::chrono::nanoseconds timeout) {
    return ask([wants = std::move(wants)](bool) { return wants; }, timeout);
  }

  Granted ask(std::function<Wants(bool)> wants, std::chrono::nanoseconds timeout) {
    return ask(store_, std::move(wants), timeout);
  }

  Granted ask(LockStore& store, std::function<Wants(bool)> wants, std::chrono::nanoseconds timeout) {
    Request request;
    request.store = &store;
    request.options = &options_;
    request.requirements = Json{{"type", "dut"}};
    request.owner = Json::object();
    request.timeout = timeout;
    request.started = clock_->now();
    request.wants = std::move(wants);
    request.examine = examine_;
    return acquire(request);
  }

  static Ticket other(const std::string& id, const std::string& resource, int priority = 0) {
    Ticket ticket;
    ticket.id = id;
    ticket.priority = priority;
    ticket.wants = {{{resource}}};
    return ticket;
  }

  std::shared_ptr<SetClock> clock_ = std::make_shared<SetClock>();
  MemoryStore store_{*clock_};
  Options options_;
  std::function<bool(Granted&, const Wants&)> examine_;
};

TEST_F(RequestTest, TakesWhatIsFreeWithoutQueueing) {
  store_.on_wait = [](auto until) {
    ADD_FAILURE() << "waited";
    return until;
  };
  EXPECT_EQ(ask({{{"a"}}}, 0s).leases.at(0)->resource_id(), "a");
}

// Whose queue takes long to look at.
class SlowStore : public MemoryStore {
 public:
  explicit SlowStore(SetClock& clock) : MemoryStore(clock), clock_(clock) {}
  bool anybody_waits() override {
    clock_.advance_to(clock_.now() + 10s);
    return true;
  }

 private:
  SetClock& clock_;
};

TEST_F(RequestTest, LooksOnceHoweverShortItsTime) {
  SlowStore store(*clock_);
  const Granted granted = ask(
      store, [](bool) { return Wants{{{"a"}}}; }, 1s);
  EXPECT_EQ(granted.leases.at(0)->resource_id(), "a");
  EXPECT_FALSE(store.ours_in_queue);
}

TEST_F(RequestTest, LeavesToOthersWhatTheyAreGoingToNeedMore) {
  for (const char* scarce : {"a", "b"}) {
    options_.demand = {{{{{scarce}}}, 5}};
    EXPECT_EQ(ask({{{"a", "b"}}}, 0s).leases.at(0)->resource_id(), scarce == std::string("a") ? "b" : "a");
    store_.held.clear();
  }
}

TEST_F(RequestTest, ZeroTriesOnceAndNamesTheHolder) {
  store_.held = {"a"};
  try {
    ask({{{"a"}}}, 0s);
    FAIL() << "held already";
  } catch (const AllocationTimeout& error) {
    EXPECT_NE(std::string(error.what()).find("a held by ann, pid 4711"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(store_.ours_in_queue);
}

// The other one came first, but waits for what we hold: it could take what it keeps only after us.
TEST_F(RequestTest, WhoWaitsForWhatWeHoldKeepsNothingFromUs) {
  store_.held = {"x"};
  store_.alloc_ids["x"] = "mine";
  store_.others = {other("first", "x", 1)};
  store_.others.front().wants = {{{"x"}}, {{"z"}}};
  EXPECT_THROW(ask({{{"z"}}}, 0s), AllocationTimeout) << "it is kept from who holds nothing";
  note_holding("mine");
  const Granted granted = ask({{{"z"}}}, 0s);
  forget_holding("mine");
  EXPECT_EQ(granted.leases.at(0)->resource_id(), "z");
}

TEST_F(RequestTest, AStoppedOneIsPassedOverAtOnce) {
  store_.others = {other("first", "a", 2), other("second", "a", 1)};
  store_.stopped = {"first", "second"};
  const auto start = clock_->now();
  EXPECT_EQ(ask({{{"a"}}}, 10s).leases.at(0)->resource_id(), "a");
  EXPECT_EQ(clock_->now(), start);
  EXPECT_EQ(store_.woken, (std::vector<std::string>{"first", "second"}))
      << "it may have been continued since";
}

// Somebody edits the inventory between our reading it and our taking what came free.
class EditedStore : public MemoryStore {
 public:
  EditedStore(SetClock& clock, std::function<void()> edit) : MemoryStore(clock), edit_(std::move(edit)) {}
  std::vector<std::unique_ptr<Lease>> commit(const Snapshot& snapshot, const std::vector<Claim>& claims,
                                             const Json& owner) override {
    auto leases = MemoryStore::commit(snapshot, claims, owner);
    edit_();
    return leases;
  }

 private:
  std::function<void()> edit_;
};

TEST_F(RequestTest, WhatLeavesTheInventoryWhileWeTakeItIsGivenBack) {
  for (const bool also_a : {false, true}) {
    Wants wants{{{"a"}}};
    EditedStore store(*clock_, [&] { wants = also_a ? Wants{{{"a", "b"}}} : Wants{{{"b"}}}; });
    store.held = {"a"};
    store.died = {"a"};
    store.others = {other("behind", "a", -1)};
    store.on_wait = [&](auto until) {
      store.held.clear();
      return until - 1s;
    };
    const Granted granted = ask(
        store, [&](bool) { return wants; }, 10s);
    const std::string expected = also_a ? "a" : "b";
    EXPECT_EQ(granted.leases.at(0)->resource_id(), expected);
    EXPECT_EQ(store.held, std::set<std::string>{expected});
    EXPECT_FALSE(store.ours_in_queue);
    EXPECT_EQ(store.woken.empty(), also_a) << "it is for the one behind now";
    EXPECT_EQ(store.died.count("a"), 1U) << "whoever uses it next is to know";
  }
}

// The one behind could have it for as long as it likes.
TEST_F(RequestTest, WhatElseWeNeedIsKeptMeanwhile) {
  Wants wants{{{"a"}}, {{"c"}}};
  EditedStore store(*clock_, [&] { wants = Wants{{{"b"}}, {{"c"}}}; });
  store.held = {"a", "b"};
  store.others = {other("behind", "c", -1)};
  store.on_wait = [&](auto until) {
    store.held = store.held.count("a") > 0 ? std::set<std::string>{"b"} : std::set<std::string>{};
    return until - 1s;
  };
  const Granted granted = ask(
      store, [&](bool) { return wants; }, 10s);
  EXPECT_EQ(granted.leases.size(), 2U);
  EXPECT_EQ(store.held, (std::set<std::string>{"b", "c"}));
  EXPECT_TRUE(store.woken.empty());
}

TEST_F(RequestTest, WhatDoesNotAgreeAnyMoreIsGivenBack) {
  const auto agreeing = [](const char* of_a, const char* of_b) {
    return Wants{{{"a"}, {of_a}}, {{"b", "c"}, {of_b, "left"}}};
  };
  Wants wants = agreeing("left", "left");
  EditedStore store(*clock_, [&] { wants = agreeing("left", "right"); });
  store.held = {"a", "c"};
  store.on_wait = [&](auto until) {
    store.held.clear();
    return until - 1s;
  };
  const Granted granted = ask(
      store, [&](bool) { return wants; }, 10s);
  EXPECT_EQ(granted.leases.size(), 2U);
  EXPECT_EQ(store.held, (std::set<std::string>{"a", "c"}));
}

TEST_F(RequestTest, WhenTheInventoryCannotBeReadAnyMoreAllIsGivenBack) {
  bool broken = false;
  EditedStore store(*clock_, [&] { broken = true; });
  store.held = {"a"};
  store.others = {other("behind", "a", -1)};
  store.on_wait = [&](auto until) {
    store.held.clear();
    return until - 1s;
  };
  const auto wants = [&](bool) {
    if (broken) throw std::runtime_error("gone");
    return Wants{{{"a"}}};
  };
  EXPECT_THROW(ask(store, wants, 10s), std::runtime_error);
  EXPECT_TRUE(store.held.empty());
  EXPECT_EQ(store.woken, std::vector<std::string>{"behind"});
}

// It would wait for itself as for somebody ahead.
TEST_F(RequestTest, WhoseTicketWasRemovedGoesOnWithTheNewOne) {
  store_.held = {"a"};
  std::vector<BootClock::time_point> waits;
  store_.on_wait = [&](auto until) {
    waits.push_back(clock_->now());
    if (waits.size() == 1) store_.remove_ours();
    if (waits.size() == 2) store_.held.clear();
    return until - 1s;
  };
  EXPECT_EQ(ask({{{"a"}}}, 10s).leases.at(0)->resource_id(), "a");
  EXPECT_EQ(waits.size(), 2U);
  EXPECT_EQ(store_.woken, std::vector<std::string>());
}

TEST_F(RequestTest, EndsExactlyAtItsDeadlineAndLeavesTheQueue) {
  store_.held = {"a"};
  const auto start = clock_->now();
  EXPECT_THROW(ask({{{"a"}}}, 1500ms), AllocationTimeout);
  EXPECT_EQ(clock_->now() - start, 1500ms);
  EXPECT_FALSE(store_.ours_in_queue);
}

TEST_F(RequestTest, TriesOnceMoreAtTheDeadline) {
  store_.held = {"a"};
  store_.on_wait = [this](auto until) {
    store_.held.clear();
    return until;
  };
  EXPECT_EQ(ask({{{"a"}}}, 1s).leases.size(), 1U);
}

TEST_F(RequestTest, AHugeTimeoutDoesNotOverflow) {
  store_.held = {"a"};
  store_.on_wait = [this](auto) {
    store_.held.clear();
    return clock_->now() + 1s;
  };
  EXPECT_EQ(ask({{{"a"}}}, std::chrono::nanoseconds::max()).leases.size(), 1U);
}

TEST_F(RequestTest, ACommitThatWasStaleIsTriedAgainSoon) {
  store_.stale_commits = 3;
  const auto start = clock_->now();
  EXPECT_EQ(ask({{{"a"}}}, 10s).leases.size(), 1U);
  EXPECT_LT(clock_->now() - start, 5ms);
}

TEST_F(RequestTest, AStaleCommitIsTriedAgainWithoutTimeToWaitToo) {
  store_.stale_commits = 3;
  EXPECT_EQ(ask({{{"a"}}}, 0s).leases.size(), 1U);
  store_.stale_commits = 1000;
  EXPECT_THROW(ask({{{"b"}}}, 0s), AllocationTimeout);
}

TEST_F(RequestTest, ANewcomerStandsBehindThoseWhoWait) {
  store_.others = {other("earlier", "a")};
  EXPECT_THROW(ask({{{"a"}}}, 0s), AllocationTimeout);
  EXPECT_EQ(ask({{{"b"}}}, 0s).leases.size(), 1U);
}

TEST_F(RequestTest, WhatIsNoGoodIsFollowedByAnotherOne) {
  for (const auto timeout : {0s, 10s}) {
    std::vector<std::string> seen;
    examine_ = [&](Granted& granted, const Wants& wants) {
      EXPECT_EQ(wants.front().candidates.size(), 2U);
      EXPECT_FALSE(store_.ours_in_queue);
      seen.push_back(granted.leases.at(0)->resource_id());
      if (seen.size() > 1) return true;
      granted.leases.at(0)->leave_reserved({{"set_aside", true}});
      granted.leases.clear();
      return false;
    };
    EXPECT_EQ(ask({{{"a", "b"}}}, timeout).leases.at(0)->resource_id(), "b");
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
    store_.held.clear();
    store_.reserved.clear();
  }
}

TEST_F(RequestTest, WhatIsNeverGoodEnds) {
  for (const auto timeout : {0s, 10s}) {
    int times = 0;
    examine_ = [&](Granted& granted, const Wants&) {
      granted.leases.clear();
      clock_->advance_to(clock_->now() + 3s);
      ++times;
      return false;
    };
    EXPECT_THROW(ask({{{"a", "b"}}}, timeout), AllocationTimeout);
    EXPECT_EQ(times, timeout == 0s ? 2 : 4);
    EXPECT_FALSE(store_.ours_in_queue);
  }
}

TEST_F(RequestTest, AHigherPriorityGoesFirst) {
  store_.others = {other("earlier", "a")};
  options_.priority = 1;
  EXPECT_EQ(ask({{{"a"}}}, 0s).leases.size(), 1U);
}

TEST_F(RequestTest, WhoDoesNotTakeItsGrantIsPassedOverAfterASecond) {
  store_.others = {other("stopped", "a")};
  const auto start = clock_->now();
  EXPECT_EQ(ask({{{"a"}}}, 10s).leases.size(), 1U);
  EXPECT_EQ(clock_->now() - start, 1s);
  EXPECT_EQ(store_.woken.front(), "stopped");
}

TEST_F(RequestTest, LeavingWakesWhoeverCanGoOn) {
  store_.held = {"a"};
  store_.others = {other("behind", "b", -1)};
  EXPECT_THROW(ask({Want{{"a"}}, Want{{"b"}}}, 1s), AllocationTimeout);
  EXPECT_EQ(store_.woken.back(), "behind");
}

TEST_F(RequestTest, ATimeoutNamesWhatLeftTheInventory) {
  store_.held = {"a", "b"};
  Wants wants{{{"a", "b"}}};
  store_.on_wait = [&wants](auto until) {
    wants = {Want{}};
    return until;
  };
  try {
    ask([&wants](bool) { return wants; }, 1s);
    FAIL() << "nothing there";
  } catch (const AllocationTimeout& error) {
    EXPECT_NE(
        std::string(error.what()).find("within 1 s (a, b left the inventory, or do not match any more)"),
        std::string::npos)
        << error.what();
  }
}

TEST_F(RequestTest, WhatCameBackDidNotVanish) {
  store_.held = {"a"};
  Wants wants{{{"a"}}};
  int waits = 0;
  store_.on_wait = [&](auto) {
    ++waits;
    wants = {waits == 1 ? Want{} : Want{{"a"}}};
    if (waits == 2) store_.held.clear();
    return clock_->now() + 100ms;
  };
  EXPECT_EQ(ask([&wants](bool) { return wants; }, 1s).leases.size(), 1U);
}

TEST_F(RequestTest, TellsAboutWaiting) {
  store_.held = {"a"};
  std::vector<std::string> told;
  options_.on_waiting = [&told](const Waiting& waiting) { told.push_back(describe(waiting)); };
  EXPECT_THROW(ask({{{"a"}}}, 1s), AllocationTimeout);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front(),
            "waiting for {\"type\":\"dut\"} since 0.0 s (at most 1 s), place 1 of 1 in the queue: a held by "
            "ann, pid 4711");
}

// What somebody ahead waits for together with something else is kept for him.
TEST_F(RequestTest, TellsForWhomItIsKept) {
  store_.held = {"b"};
  Ticket both = other("both", "a");
  both.wants = {Want{{"a"}}, Want{{"b"}}};
  both.priority = 1;
  both.owner = {{"user", "ben"}, {"pid", 5}};
  store_.others = {other("of another", "z"), both};
  std::vector<std::string> told;
  options_.on_waiting = [&told](const Waiting& waiting) { told.push_back(describe(waiting)); };
  EXPECT_THROW(ask({{{"a"}}}, 1s), AllocationTimeout);
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told.front().find(": kept for a request ahead, of ben, pid 5"), std::string::npos)
      << told.front();
}

TEST_F(RequestTest, WhatOnWaitingThrowsEndsTheRequest) {
  store_.held = {"a"};
  options_.on_waiting = [](const Waiting&) { throw std::runtime_error("enough"); };
  EXPECT_THROW(ask({{{"a"}}}, 1s), std::runtime_error);
  EXPECT_FALSE(store_.ours_in_queue);
}

}  // namespace
}  // namespace lockable
