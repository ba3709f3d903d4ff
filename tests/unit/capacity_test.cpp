// How many tests CTest may start at once.
#include "cli/ctest/capacity.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockable::cli {
namespace {

const Wants kA{{{"a1", "a2"}}};
const Wants kB{{{"b1", "b2"}}};
const Wants kAny{{{"b2", "a1", "a2", "b1"}}};

std::string type_for(const Capacity& capacity, std::vector<std::string> ids) {
  for (const CapacityClass& kind : capacity.classes)
    if (kind.ids == ids) return kind.type;
  return "no such class";
}

std::size_t parts(const std::string& groups) {
  return groups.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(groups.begin(), groups.end(), ','));
}

TEST(Capacity, ATestTakesASlotOfEveryClassThatContainsWhatItCouldUse) {
  const Capacity capacity = capacity_for({kA, kAny, kB, kA});
  ASSERT_EQ(capacity.classes.size(), 3U);
  const std::string a = type_for(capacity, {"a1", "a2"}), all = type_for(capacity, {"a1", "a2", "b1", "b2"});
  EXPECT_NE(capacity.groups[0].find(a + ":1"), std::string::npos) << capacity.groups[0];
  EXPECT_NE(capacity.groups[0].find(all + ":1"), std::string::npos);
  EXPECT_EQ(parts(capacity.groups[0]), 2U);
  EXPECT_EQ(capacity.groups[1], all + ":1");
  EXPECT_EQ(capacity.groups[3], capacity.groups[0]);
}

TEST(Capacity, AClassHasASlotForEachResource) {
  const Json spec = resource_spec(capacity_for({kA, kAny}));
  const Json& local = spec.at("local").at(0);
  ASSERT_EQ(local.size(), 2U);
  int slots = 0;
  for (const Json& kind : local) slots += kind.at(0).at("slots").get<int>();
  EXPECT_EQ(slots, 2 + 4);
}

TEST(Capacity, TypesAreNamedByWhatTheyContainInCTestsLetters) {
  const Capacity one = capacity_for({kA, kB}), other = capacity_for({kAny, kA});
  EXPECT_EQ(type_for(one, {"a1", "a2"}), type_for(other, {"a1", "a2"}));
  for (const CapacityClass& kind : one.classes)
    EXPECT_EQ(kind.type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
}

TEST(Capacity, SeveralResourcesTakeSeveralSlots) {
  const Capacity capacity = capacity_for({{{{"a1", "a2"}}, {{"a1", "a2"}}}});
  EXPECT_EQ(capacity.groups[0], type_for(capacity, {"a1", "a2"}) + ":2");
}

TEST(Capacity, WhatAllTheHardwareCouldNotServeIsNotHeldBack) {
  const Capacity capacity = capacity_for({{{{"a1"}}, {{"a1"}}}, {{{}}}, kA});
  EXPECT_EQ(capacity.groups[0], "");
  EXPECT_EQ(capacity.groups[1], "");
  EXPECT_NE(capacity.groups[2], "");
}

TEST(Capacity, SlotsOfAResourceCount) {
  Want one{{"psu"}}, two{{"psu"}};
  one.slots = 1;
  one.capacities = {4};
  const Capacity capacity = capacity_for({{one}, {two}});
  ASSERT_EQ(capacity.classes.size(), 1U);
  EXPECT_EQ(capacity.classes[0].slots, 4);
  EXPECT_EQ(capacity.groups[0], capacity.classes[0].type + ":1");
  EXPECT_EQ(capacity.groups[1], capacity.classes[0].type + ":4") << "the whole of it";
}

TEST(Capacity, TheTestsInTheLongestLineGoFirst) {
  std::vector<Wants> tests(30, kA);
  tests.insert(tests.end(), 20, kB);
  const Capacity capacity = capacity_for(tests);
  EXPECT_GT(capacity.costs.front(), capacity.costs.back());
}

TEST(Capacity, AmongThemThoseWithTheFewestAlternatives) {
  std::vector<Wants> tests(10, kAny);
  tests.insert(tests.end(), 2, kA);
  const Capacity capacity = capacity_for(tests);
  EXPECT_LT(capacity.costs.front(), capacity.costs.back());
}

TEST(Capacity, OfNothingIsNothing) {
  const Capacity capacity = capacity_for({});
  EXPECT_TRUE(capacity.classes.empty());
  EXPECT_EQ(resource_spec(capacity).at("local").at(0), Json::object());
}

}  // namespace
}  // namespace lockable::cli
