// Which resources would do for a request: preferences, agreement, what is remembered.
#include "allocation/candidates.h"

#include <gtest/gtest.h>

#include "planner/planner.h"

namespace lockable {
namespace {

using Ids = std::vector<std::string>;

std::shared_ptr<const Inventory> boards() {
  return Inventory::from_json(Json::parse(R"([
      {"id":"a","type":"dut","bench":1},
      {"id":"b","type":"dut","bench":2,"fast":true},
      {"id":"c","type":"dut"},
      {"id":"d","type":"psu","bench":2.0},
      {"id":"e","type":"dut","bench":null,"fast":true,"new":true},
      {"id":"f","type":"dut","bench":"2","new":true}])"),
                              "boards");
}

TEST(Candidates, ArePutInTheOrderOfPreference) {
  EXPECT_EQ(wants_of("type=dut", *boards()).at(0).candidates, (Ids{"a", "b", "c", "e", "f"}));
  const Requirements fast_first(R"([{"type":"dut"},{"$prefer":[{"fast":true},{"new":true}]}])");
  EXPECT_EQ(wants_of(fast_first, *boards()).at(0).candidates, (Ids{"e", "b", "f", "a", "c"}));
}

TEST(Candidates, MustHaveWhatTheyAreToAgreeOn) {
  const auto wants = wants_of(R"([{"type":"dut","$slots":1},{"type":"psu"},{"$same":["bench"]}])", *boards());
  EXPECT_EQ(wants.at(0).candidates, (Ids{"a", "b", "f"}));
  EXPECT_EQ(wants.at(0).same, (Ids{"[1]", "[2]", "[\"2\"]"}));
  EXPECT_EQ(wants.at(0).slots, 1);
  EXPECT_EQ(wants.at(1).same, (Ids{"[2]"})) << "2.0 is 2";
  EXPECT_EQ(planner::best(wants), (Ids{"b", "d"}));
  EXPECT_EQ(wants_of(R"([{"type":"dut"},{"$same":["bench"]}])", *boards()).at(0).candidates.size(), 5U)
      << "one resource agrees with itself";
}

TEST(Candidates, SayHowManySlotsTheyHave) {
  const auto licences =
      Inventory::from_json(Json::parse(R"([{"id":"a","slots":3},{"id":"b","slots":4294967296},
                                                             {"id":"c"},{"id":"d","slots":18446744073709551615}])"),
                           "licences");
  const Want want = wants_of(R"({"$slots":1})", *licences).at(0);
  EXPECT_EQ(want.candidates, (Ids{"a", "b", "c", "d"}));
  EXPECT_EQ(want.capacities, (std::vector<int>{3, kMostSlots, 1, kMostSlots}));
  EXPECT_TRUE(wants_of("", *licences).at(0).capacities.empty());
}

TEST(Candidates, AnInventoryThatChangesIsLookedAtAnew) {
  Candidates candidates;
  const Requirements dut("type=dut");
  EXPECT_EQ(candidates.of(dut, boards()).at(0).candidates.size(), 5U);
  const auto one = Inventory::from_json({{{"id", "x"}, {"type", "dut"}}}, "one");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(candidates.of(dut, one).at(0).candidates, Ids{"x"});
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(candidates.of("type=t" + std::to_string(i), one).at(0).candidates.empty());
  EXPECT_EQ(candidates.of(dut, one).at(0).candidates, Ids{"x"});
}

TEST(Candidates, WhatAgreesWithOneThatIsThere) {
  const Requirements asked(R"([{},{},{"$same":["bench"]}])");
  const Query query = Query::from_json(agreeing({{"type", "dut"}}, asked, {{"bench", 2}}));
  EXPECT_TRUE(query.matches({{"type", "dut"}, {"bench", 2.0}}));
  EXPECT_FALSE(query.matches({{"type", "dut"}, {"bench", {2, 3}}}));
  EXPECT_FALSE(query.matches({{"type", "dut"}, {"bench", 3}}));
}

}  // namespace
}  // namespace lockable
