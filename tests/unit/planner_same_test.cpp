// Requests whose resources must agree ($same).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "planner/planner.h"
#include "unit/planner_words.h"

namespace lockable::planner {
namespace {

using Ids = std::vector<std::string>;

TEST(PlannerSame, AllResourcesOfATicketAgree) {
  const std::vector<Want> pair{{{"a1", "b1"}, {"A", "B"}, 0}, {{"b2", "a2"}, {"B", "A"}, 0}};
  EXPECT_EQ(best(pair), (Ids{"a1", "a2"})) << "the first want's preference decides";
  EXPECT_EQ(plan(snapshot({ticket("t", pair)}, {"a2"})).at(0).resource_ids, (Ids{"b1", "b2"}));
  EXPECT_TRUE(plan(snapshot({ticket("t", pair)}, {"a2", "b1"})).empty());
  EXPECT_FALSE(possible({{{"a"}, {"A"}, 0}, {{"b"}, {"B"}, 0}}));
}

TEST(PlannerSame, ATicketKeepsOnlyGroupsThatCouldServeIt) {
  // c1 is alone on its bench: no use for the pair, so that the next in line gets it.
  const std::vector<Want> pair{{{"a1", "c1"}, {"A", "C"}, 0}, {{"a2"}, {"A"}, 0}};
  const auto grants = plan(snapshot({ticket("pair", pair), ticket("one", {{{"a1", "c1"}}})}, {"a2"}));
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants[0].resource_ids, Ids{"c1"});
}

// Whether different resources that agree can be chosen, tried in every way.
bool servable(const std::vector<Want>& wants, const std::set<std::string>& gone, std::size_t from,
              std::set<std::string>& used, const std::string& group) {
  if (from == wants.size()) return true;
  for (std::size_t k = 0; k < wants[from].candidates.size(); ++k) {
    const std::string& id = wants[from].candidates[k];
    if (gone.count(id) != 0 || (!group.empty() && wants[from].same[k] != group) || !used.insert(id).second)
      continue;
    const bool rest = servable(wants, gone, from + 1, used, wants[from].same[k]);
    used.erase(id);
    if (rest) return true;
  }
  return false;
}

std::vector<Want> random_wants(std::mt19937& random) {
  std::vector<Want> wants(2 + random() % 2);
  for (Want& want : wants)
    for (int r = 0; r < 8; ++r)
      if (random() % 2 == 0) {
        want.candidates.push_back(std::string(1, static_cast<char>('a' + r)));
        want.same.push_back(std::to_string(r % 3));
      }
  return wants;
}

TEST(PlannerSame, AgreesWithTryingEverything) {
  std::mt19937 random(3);
  int served = 0;
  for (int round = 0; round < 50000; ++round) {
    const std::vector<Want> wants = random_wants(random);
    std::vector<std::string> held;
    for (char c = 'a'; c < 'i'; ++c)
      if (random() % 3 == 0) held.emplace_back(1, c);
    std::set<std::string> used;
    const bool some_agree =
        std::any_of(wants.begin(), wants.end(), [](const Want& want) { return !want.same.empty(); });
    const bool expected = some_agree && servable(wants, {held.begin(), held.end()}, 0, used, "");
    const auto grants = plan(snapshot({ticket("t", wants)}, held));
    ASSERT_EQ(!grants.empty(), expected) << "round " << round;
    if (grants.empty()) continue;
    ++served;
    std::set<std::string> groups, ids;
    for (std::size_t i = 0; i < wants.size(); ++i) {
      const auto at =
          std::find(wants[i].candidates.begin(), wants[i].candidates.end(), grants[0].resource_ids[i]);
      ASSERT_NE(at, wants[i].candidates.end());
      ids.insert(*at);
      groups.insert(wants[i].same[static_cast<std::size_t>(at - wants[i].candidates.begin())]);
    }
    ASSERT_EQ(groups.size(), 1U);
    ASSERT_EQ(ids.size(), wants.size());
  }
  EXPECT_GT(served, 5000);
  EXPECT_LT(served, 45000);
}

}  // namespace
}  // namespace lockable::planner
