#include "planner/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "planner/matching.h"

namespace lockable::planner {
namespace {

Ticket ticket(const std::string& id, std::vector<std::vector<std::string>> wants) {
  Ticket result;
  result.id = id;
  for (auto& candidates : wants) result.wants.push_back({std::move(candidates)});
  return result;
}

std::map<std::string, std::vector<std::string>> decide(const std::vector<Ticket>& queue,
                                                       const std::vector<std::string>& held) {
  std::map<std::string, std::vector<std::string>> result;
  for (const Grant& grant : plan(queue, held)) result[grant.ticket_id] = grant.resource_ids;
  return result;
}

using Decisions = std::map<std::string, std::vector<std::string>>;

TEST(Planner, GivesThePreferredFreeResource) {
  EXPECT_EQ(decide({ticket("t", {{"a", "b"}})}, {}), (Decisions{{"t", {"a"}}}));
  EXPECT_EQ(decide({ticket("t", {{"a", "b"}})}, {"a"}), (Decisions{{"t", {"b"}}}));
  EXPECT_EQ(decide({ticket("t", {{"a", "b"}})}, {"a", "b"}), Decisions{});
}

TEST(Planner, ServesInOrderAndEveryResourceOnce) {
  EXPECT_EQ(decide({ticket("1", {{"a"}}), ticket("2", {{"a"}}), ticket("3", {{"a", "b"}})}, {}),
            (Decisions{{"1", {"a"}}, {"3", {"b"}}}));
}

TEST(Planner, SeveralAreGrantedAllOrNone) {
  EXPECT_EQ(decide({ticket("t", {{"a"}, {"b"}})}, {"b"}), Decisions{});
  EXPECT_EQ(decide({ticket("t", {{"a"}, {"b"}})}, {}), (Decisions{{"t", {"a", "b"}}}));
}

TEST(Planner, AGreedyChoiceNeverMakesARequestImpossible) {
  EXPECT_EQ(decide({ticket("t", {{"a", "b"}, {"a"}})}, {}), (Decisions{{"t", {"b", "a"}}}));
}

TEST(Planner, ARequestForSeveralIsNotPassedOverByThoseBehindIt) {
  EXPECT_EQ(decide({ticket("both", {{"a"}, {"b"}}), ticket("one", {{"a"}})}, {"b"}), Decisions{});
}

TEST(Planner, ABlockedRequestDoesNotBlockOthers) {
  EXPECT_EQ(decide({ticket("both", {{"a"}, {"b"}}), ticket("other", {{"c"}})}, {"b"}),
            (Decisions{{"other", {"c"}}}));
}

TEST(Planner, OfACrowdThatWantsTheSameTheFirstAreServed) {
  const std::vector<std::vector<std::string>> same{{"a", "b"}};
  EXPECT_EQ(decide({ticket("1", same), ticket("2", same), ticket("3", same), ticket("4", {{"c"}}),
                    ticket("5", same), ticket("6", {{"b", "d"}})},
                   {}),
            (Decisions{{"1", {"a"}}, {"2", {"b"}}, {"4", {"c"}}, {"6", {"d"}}}));
  EXPECT_EQ(
      decide({ticket("1", same), ticket("2", same), ticket("3", {{"b"}}), ticket("4", {{"c"}})}, {"a", "b"}),
      (Decisions{{"4", {"c"}}}));
}

TEST(Planner, PossibleLooksAtTheWholeInventory) {
  EXPECT_TRUE(possible({{{"a"}}, {{"a", "b"}}}));
  EXPECT_FALSE(possible({{{"a"}}, {{"a"}}}));
  EXPECT_FALSE(possible({Want{}}));
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

std::vector<Ticket> random_queue(std::mt19937& random, int resources) {
  std::vector<Ticket> queue(random() % 6);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    queue[i].id = std::to_string(i);
    queue[i].wants.resize(1 + random() % 3);
    for (Want& want : queue[i].wants)
      for (int r = 0; r < resources; ++r)
        if (random() % 2 == 0) want.candidates.push_back(std::string(1, static_cast<char>('a' + r)));
  }
  return queue;
}

// What a plan must fulfil whatever is asked; `used` collects what it gives away.
void check_grants(const std::vector<Ticket>& queue, const std::vector<std::string>& held,
                  const std::vector<Grant>& grants, std::set<std::string>& used) {
  for (const Grant& grant : grants) {
    const Ticket& asked = queue[std::stoul(grant.ticket_id)];
    ASSERT_EQ(grant.resource_ids.size(), asked.wants.size());
    for (std::size_t i = 0; i < grant.resource_ids.size(); ++i) {
      const std::string& id = grant.resource_ids[i];
      const auto& candidates = asked.wants[i].candidates;
      ASSERT_TRUE(used.insert(id).second) << id << " was given twice";
      ASSERT_FALSE(std::binary_search(held.begin(), held.end(), id)) << id << " is held";
      ASSERT_TRUE(std::count(candidates.begin(), candidates.end(), id)) << id << " does not match";
    }
  }
}

TEST(Planner, NeverGivesTwiceNorWronglyAndLeavesNothingIdle) {
  std::mt19937 random(2);
  std::size_t granted = 0;
  for (int round = 0; round < 100000; ++round) {
    const std::vector<Ticket> queue = random_queue(random, 5);
    std::vector<std::string> held;
    for (char c = 'a'; c < 'f'; ++c)
      if (random() % 3 == 0) held.emplace_back(1, c);
    const std::vector<Grant> grants = plan(queue, held);
    granted += grants.size();
    std::set<std::string> used(held.begin(), held.end());
    used.clear();
    check_grants(queue, held, grants, used);
    // Work-conserving: the first that got nothing cannot be served from what nobody holds or got before it.
    used.insert(held.begin(), held.end());
    for (const Ticket& first_left : queue) {
      if (find_grant(grants, first_left.id) != nullptr) continue;
      std::vector<std::string> taken(held);
      for (const Grant& grant : grants)
        if (std::stoul(grant.ticket_id) < std::stoul(first_left.id))
          taken.insert(taken.end(), grant.resource_ids.begin(), grant.resource_ids.end());
      std::sort(taken.begin(), taken.end());
      ASSERT_TRUE(plan({first_left}, taken).empty()) << "round " << round;
      break;
    }
    ASSERT_EQ(plan(queue, held).size(), grants.size()) << "the same question, another answer";
  }
  EXPECT_GT(granted, 80000U);
}

}  // namespace
}  // namespace lockable::planner
