#include "planner/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "planner/matching.h"
#include "unit/planner_words.h"

namespace lockable::planner {
namespace {

Wants one_of(const std::vector<std::string>& ids) { return Wants{Want{ids}}; }
Wants each_of(const std::vector<std::vector<std::string>>& candidates) {
  std::vector<Want> wants;
  for (const auto& ids : candidates) wants.push_back(Want{ids});
  return wants;
}

TEST(Planner, GivesTheFirstFreeResource) {
  EXPECT_EQ(decide({ticket("t", one_of({"a", "b"}))}, {}), (Decisions{{"t", {"a"}}}));
  EXPECT_EQ(decide({ticket("t", one_of({"a", "b"}))}, {"a"}), (Decisions{{"t", {"b"}}}));
  EXPECT_EQ(decide({ticket("t", one_of({"a", "b"}))}, {"a", "b"}), Decisions{});
}

TEST(Planner, ServesInOrderAndEveryResourceOnce) {
  EXPECT_EQ(
      decide({ticket("1", one_of({"a"})), ticket("2", one_of({"a"})), ticket("3", one_of({"a", "b"}))}, {}),
      (Decisions{{"1", {"a"}}, {"3", {"b"}}}));
}

TEST(Planner, SeveralAreGrantedAllOrNone) {
  EXPECT_EQ(decide({ticket("t", each_of({{"a"}, {"b"}}))}, {"b"}), Decisions{});
  EXPECT_EQ(decide({ticket("t", each_of({{"a"}, {"b"}}))}, {}), (Decisions{{"t", {"a", "b"}}}));
}

TEST(Planner, AGreedyChoiceNeverMakesARequestImpossible) {
  EXPECT_EQ(decide({ticket("t", each_of({{"a", "b"}, {"a"}}))}, {}), (Decisions{{"t", {"b", "a"}}}));
}

TEST(Planner, ARequestForSeveralIsNotPassedOverByThoseBehindIt) {
  EXPECT_EQ(decide({ticket("both", each_of({{"a"}, {"b"}})), ticket("one", one_of({"a"}))}, {"b"}),
            Decisions{});
}

TEST(Planner, ABlockedRequestDoesNotBlockOthers) {
  EXPECT_EQ(decide({ticket("both", each_of({{"a"}, {"b"}})), ticket("other", one_of({"c"}))}, {"b"}),
            (Decisions{{"other", {"c"}}}));
}

TEST(Planner, OfACrowdThatWantsTheSameTheFirstAreServed) {
  const Wants same = one_of({"a", "b"});
  EXPECT_EQ(decide({ticket("1", same), ticket("2", same), ticket("3", same), ticket("4", one_of({"c"})),
                    ticket("5", same), ticket("6", one_of({"b", "d"}))},
                   {}),
            (Decisions{{"1", {"a"}}, {"2", {"b"}}, {"4", {"c"}}, {"6", {"d"}}}));
  EXPECT_EQ(
      decide({ticket("1", same), ticket("2", same), ticket("3", one_of({"b"})), ticket("4", one_of({"c"}))},
             {"a", "b"}),
      (Decisions{{"4", {"c"}}}));
}

TEST(Planner, PossibleLooksAtTheWholeInventory) {
  EXPECT_TRUE(possible(each_of({{"a"}, {"a", "b"}})));
  EXPECT_FALSE(possible(each_of({{"a"}, {"a"}})));
  EXPECT_FALSE(possible(Wants{Want{}}));
}

// Whether the choices can be met, tried in every way.
bool assignable(const std::vector<std::vector<int>>& choices, std::size_t from, std::set<int>& used) {
  if (from == choices.size()) return true;
  for (const int choice : choices[from]) {
    if (!used.insert(choice).second) continue;
    const bool rest = assignable(choices, from + 1, used);
    used.erase(choice);
    if (rest) return true;
  }
  return false;
}

TEST(Matching, AgreesWithTryingEverything) {
  std::mt19937 random(1);
  int possible_ones = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::vector<int>> choices(1 + random() % 5);
    for (auto& list : choices)
      for (int i = 0; i < 6; ++i)
        if (random() % 3 == 0) list.push_back(i);
    std::set<int> used;
    const bool expected = assignable(choices, 0, used);
    const auto found = assign(choices);
    ASSERT_EQ(found.has_value(), expected) << "round " << round;
    if (!found) continue;
    ++possible_ones;
    ASSERT_EQ(std::set<int>(found->begin(), found->end()).size(), choices.size());
    for (std::size_t i = 0; i < choices.size(); ++i)
      ASSERT_TRUE(std::count(choices[i].begin(), choices[i].end(), (*found)[i])) << "round " << round;
  }
  EXPECT_GT(possible_ones, 5000);
}

// While one plain request waits for its favourite, those who can use nothing else go first.
TEST(Planner, WhatIsWantedLessIsGivenFirst) {
  EXPECT_EQ(decide({ticket("any", one_of({"a", "b"})), ticket("a", one_of({"a"}))}, {}),
            (Decisions{{"any", {"b"}}, {"a", {"a"}}}));
  EXPECT_EQ(decide({ticket("any", one_of({"a", "b"})), ticket("a", one_of({"a"}))}, {"b"}),
            (Decisions{{"a", {"a"}}}))
      << "any waits for b";
  EXPECT_EQ(decide({ticket("any", one_of({"a", "b"})), ticket("c", one_of({"c"}))}, {"b"}),
            (Decisions{{"any", {"a"}}, {"c", {"c"}}}))
      << "nobody else wants a";
}

TEST(Planner, NobodyIsPassedOverByThoseWhoCameMuchLater) {
  Ticket any = ticket("any", one_of({"a", "b"})), late = ticket("a", one_of({"a"}));
  any.rank = std::chrono::hours(1);
  late.rank = any.rank + kPatience;
  EXPECT_EQ(decide({any, late}, {"b"}), (Decisions{{"a", {"a"}}}));
  late.rank += std::chrono::nanoseconds(1);
  EXPECT_EQ(decide({any, late}, {"b"}), (Decisions{{"any", {"a"}}}));
}

TEST(Planner, DemandThatIsOnlyCountedCountsAsWell) {
  Snapshot asked = snapshot({ticket("any", one_of({"a", "b"}))});
  asked.demand.push_back({one_of({"a"}), 3});
  EXPECT_EQ(decide(asked), (Decisions{{"any", {"b"}}}));
}

TEST(Planner, AmongAlikeTheLongestUnusedIsGiven) {
  Snapshot asked = snapshot({ticket("t", one_of({"a", "b", "c"}))});
  asked.last_used = {{"a", 30}, {"b", 10}, {"c", 20}};
  EXPECT_EQ(decide(asked), (Decisions{{"t", {"b"}}}));
  asked.last_used = {{"a", 30}, {"b", 10}};
  EXPECT_EQ(decide(asked), (Decisions{{"t", {"c"}}})) << "never used";
}

TEST(Planner, WhatSuitsBetterIsPreferredUnlessItCostsOthers) {
  Want best_first{{"a", "b"}};
  best_first.ranks = {0, 1};
  EXPECT_EQ(decide({ticket("t", {best_first}), ticket("any", one_of({"a", "b"}))}, {}),
            (Decisions{{"t", {"a"}}, {"any", {"b"}}}));
  EXPECT_EQ(decide({ticket("t", {best_first}), ticket("a", one_of({"a"}))}, {}),
            (Decisions{{"t", {"b"}}, {"a", {"a"}}}))
      << "both are served";
}

TEST(Planner, AMoveOfAnEarlierOneServesALaterOne) {
  // "1" alone would take a; only when it moves to b, and "2" from b to c, can "3" be served.
  EXPECT_EQ(decide({ticket("1", one_of({"a", "b"})), ticket("2", one_of({"b", "c"})),
                    ticket("3", each_of({{"a"}, {"d"}}))},
                   {})
                .size(),
            3U);
}

std::vector<Ticket> random_queue(std::mt19937& random, int resources) {
  std::vector<Ticket> queue(random() % 6);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    std::vector<Want> wants(random() % 2 == 0 ? 1 : 1 + random() % 3);
    for (Want& want : wants)
      for (int r = 0; r < resources; ++r)
        if (random() % 2 == 0) want.candidates.push_back(std::string(1, static_cast<char>('a' + r)));
    queue[i] = ticket(std::to_string(i), wants);
    if (i > 0) queue[i].rank = queue[i - 1].rank + std::chrono::seconds(random() % 40);
  }
  return queue;
}

// What a plan must fulfil whatever is asked; `used` collects what it gives away.
void check_grants(const Snapshot& asked, const std::vector<Grant>& grants, std::set<std::string>& used) {
  for (const Grant& grant : grants) {
    const Ticket& ticket = asked.queue[std::stoul(grant.ticket_id)];
    ASSERT_EQ(grant.resource_ids.size(), ticket.wants.size());
    for (std::size_t i = 0; i < grant.resource_ids.size(); ++i) {
      const std::string& id = grant.resource_ids[i];
      const auto& candidates = ticket.wants[i].candidates;
      ASSERT_TRUE(used.insert(id).second) << id << " was given twice, or is held";
      ASSERT_TRUE(std::count(candidates.begin(), candidates.end(), id)) << id << " does not match";
    }
  }
}

// Of whom nothing is kept back: the first who got nothing could not be served from what nobody holds, or from
// what those got who came more than kPatience after it.
void check_order(const Snapshot& asked, const std::vector<Grant>& grants, const std::set<std::string>& held) {
  for (const Ticket& left : asked.queue) {
    if (find_grant(grants, left.id) != nullptr) continue;
    std::set<std::string> taken = held;
    for (const Grant& grant : grants)
      if (asked.queue[std::stoul(grant.ticket_id)].rank <= left.rank + kPatience)
        taken.insert(grant.resource_ids.begin(), grant.resource_ids.end());
    ASSERT_TRUE(plan(snapshot({left}, {taken.begin(), taken.end()})).empty())
        << left.id << " was passed over";
    return;
  }
}

TEST(Planner, NeverGivesTwiceNorWronglyAndLeavesNothingIdle) {
  std::mt19937 random(2);
  std::size_t granted = 0;
  for (int round = 0; round < 300000; ++round) {
    std::set<std::string> held;
    for (char c = 'a'; c < 'f'; ++c)
      if (random() % 3 == 0) held.emplace(1, c);
    const Snapshot asked = snapshot(random_queue(random, 5), {held.begin(), held.end()});
    const std::vector<Grant> grants = plan(asked);
    granted += grants.size();
    std::set<std::string> used = held;
    check_grants(asked, grants, used);
    check_order(asked, grants, held);
    const std::vector<Grant> again = plan(asked);
    ASSERT_EQ(again.size(), grants.size()) << "the same question, another answer";
    for (std::size_t i = 0; i < again.size(); ++i) ASSERT_EQ(again[i].resource_ids, grants[i].resource_ids);
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(granted, 240000U);
}

}  // namespace
}  // namespace lockable::planner
