// Resources that several share, slot by slot.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "unit/planner_words.h"

namespace lockable::planner {
namespace {

Want slots(int count, const std::vector<std::string>& ids, int capacity) {
  Want want{ids};
  want.slots = count;
  want.capacities.assign(ids.size(), capacity);
  return want;
}

Snapshot with_held(std::vector<Ticket> queue, std::vector<Held> held) {
  Snapshot result = snapshot(std::move(queue));
  result.held = std::move(held);
  return result;
}

TEST(PlannerSlots, AreGivenUpToTheCapacity) {
  const Want two = slots(2, {"a"}, 5);
  EXPECT_EQ(decide({ticket("1", {two}), ticket("2", {two}), ticket("3", {two})}, {}),
            (Decisions{{"1", {"a"}}, {"2", {"a"}}}));
  EXPECT_EQ(decide(with_held({ticket("1", {two}), ticket("2", {two})}, {{"a", 2}})),
            (Decisions{{"1", {"a"}}}));
  EXPECT_EQ(decide(with_held({ticket("1", {two})}, {{"a", 4}})), Decisions{});
  EXPECT_EQ(decide(with_held({ticket("1", {two})}, {{"a", 0}})), Decisions{}) << "held as a whole";
  EXPECT_FALSE(possible({slots(6, {"a"}, 5)}));
}

TEST(PlannerSlots, NarrowedToAFewEachKeepsWhatIsSaidOfIt) {
  Want want = slots(2, {"a", "b", "c"}, 5);
  want.capacities = {4, 5, 6};
  want.same = {"left", "right", "left"};
  want.ranks = {2, 1, 0};
  Want expected = slots(2, {"b", "c"}, 5);
  expected.capacities = {5, 6};
  expected.same = {"right", "left"};
  expected.ranks = {1, 0};
  EXPECT_TRUE(narrowed(want, [](const std::string& id) { return id != "a"; }) == expected);
  EXPECT_FALSE(possible({narrowed(want, [](const std::string&) { return false; })}));
}

TEST(PlannerSlots, ComeFromWhatIsSharedAlready) {
  EXPECT_EQ(decide(with_held({ticket("1", {slots(1, {"a", "b"}, 4)})}, {{"b", 2}})),
            (Decisions{{"1", {"b"}}}));
}

TEST(PlannerSlots, AWholeOneWaitsForAllAndIsNotOvertakenForEver) {
  EXPECT_EQ(
      decide(with_held({ticket("whole", {Want{{"a"}}}), ticket("slot", {slots(1, {"a"}, 4)})}, {{"a", 1}})),
      Decisions{});
  EXPECT_EQ(
      decide(with_held({ticket("slot", {slots(1, {"a"}, 4)}), ticket("whole", {Want{{"a"}}})}, {{"a", 1}})),
      (Decisions{{"slot", {"a"}}}));
}

TEST(PlannerSlots, AreNotGivenFromWhatAnotherGetsWhole) {
  EXPECT_EQ(decide({ticket("whole", {Want{{"a"}}}), ticket("slot", {slots(1, {"a", "b"}, 4)})}, {}),
            (Decisions{{"whole", {"a"}}, {"slot", {"b"}}}));
  EXPECT_EQ(decide({ticket("slot", {slots(1, {"a"}, 4)}), ticket("whole", {Want{{"a"}}})}, {}),
            (Decisions{{"slot", {"a"}}}));
}

TEST(PlannerSlots, EachWantGetsAResourceOfItsOwn) {
  const Want one = slots(1, {"a", "b"}, 4);
  const Decisions given = decide({ticket("t", {one, one})}, {});
  EXPECT_EQ(std::set<std::string>(given.at("t").begin(), given.at("t").end()).size(), 2U);
  EXPECT_EQ(decide({ticket("t", {one, slots(1, {"a"}, 4), Want{{"c"}}})}, {}),
            (Decisions{{"t", {"b", "a", "c"}}}));
}

TEST(PlannerSlots, NothingIsGivenBeyondWhatIsThere) {
  std::mt19937 random(5);
  std::size_t granted = 0;
  for (int round = 0; round < 100000; ++round) {
    std::vector<Ticket> queue;
    for (unsigned i = 0; i < 1 + random() % 5; ++i) {
      std::vector<Want> wants;
      for (unsigned w = 0; w < 1 + random() % 2; ++w) {
        std::vector<std::string> ids;
        for (const char* id : {"a", "b", "c"})
          if (random() % 2 == 0) ids.emplace_back(id);
        wants.push_back(random() % 3 == 0 ? Want{ids} : slots(1 + static_cast<int>(random() % 3), ids, 3));
      }
      queue.push_back(ticket(std::to_string(i), wants));
    }
    std::vector<Held> held;
    for (const char* id : {"a", "b", "c"})
      if (random() % 2 == 0) held.push_back({id, static_cast<int>(random() % 4)});
    const Snapshot asked = with_held(std::move(queue), held);
    std::map<std::string, int> used;
    for (const Held& one : held) used[one.resource_id] += one.slots == 0 ? 3 : one.slots;
    for (const Grant& grant : plan(asked)) {
      ++granted;
      const Wants& wants = asked.queue[std::stoul(grant.ticket_id)].wants;
      for (std::size_t i = 0; i < wants.size(); ++i)
        used[grant.resource_ids[i]] += wants[i].slots == 0 ? 3 : wants[i].slots;
    }
    for (const auto& [id, count] : used) ASSERT_LE(count, 3) << id << " in round " << round;
  }
  EXPECT_GT(granted, 50000U);
}

}  // namespace
}  // namespace lockable::planner
