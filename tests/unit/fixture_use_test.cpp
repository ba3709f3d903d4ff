// Which tests of a ctest run use what a fixture holds.
#include "cli/ctest/fixture_use.h"

#include <gtest/gtest.h>

#include "cli/ctest/capacity.h"
#include "cli/ctest/listing.h"
#include "support/temp_folder.h"

namespace lockable::cli {
namespace {

FixtureUse rack_and_psu() {
  FixtureUse use;
  use.add("rack", Wants{{{"a1", "a2"}}, {{"b1"}}});
  use.add("psu", Wants{{{"p1"}}});
  return use;
}

TEST(FixtureUse, KnowsOursFromOthers) {
  EXPECT_TRUE(rack_and_psu().knows_any({"database", "psu"}));
  EXPECT_FALSE(rack_and_psu().knows_any({"database"}));
}

TEST(FixtureUse, ATestThatSaysNothingTakesAll) {
  EXPECT_EQ(rack_and_psu().taken_of({"rack", "database"}, nullptr)->size(), 2U);
  EXPECT_EQ(rack_and_psu().taken_of({"rack", "psu"}, nullptr)->size(), 3U);
}

TEST(FixtureUse, OthersTakeWhatCouldServeThem) {
  const FixtureUse use = rack_and_psu();
  const Wants a{{{"a2"}}}, any{{{"a1", "b1", "x"}}}, both{{{"a1"}}, {{"p1"}}}, other{{{"x"}}};
  ASSERT_EQ(use.taken_of({"rack"}, &a)->size(), 1U);
  EXPECT_EQ(use.taken_of({"rack"}, &a)->front().candidates.size(), 1U);
  EXPECT_EQ(use.taken_of({"rack"}, &any)->front().candidates.size(), 2U);
  EXPECT_EQ(use.taken_of({"rack", "psu"}, &both)->size(), 2U);
  EXPECT_FALSE(use.taken_of({"rack"}, &both));  // all or none
  EXPECT_FALSE(use.taken_of({"rack"}, &other));
}

TEST(FixtureUse, WhatTestsTakeIsNoResourceOfTheInventory) {
  const FixtureUse use = rack_and_psu();
  const Wants rack{{{"a1", "a2"}}, {{"b1"}}}, one{{{"b1"}}};
  const Capacity capacity =
      capacity_for({rack, *use.taken_of({"rack"}, &one), *use.taken_of({"rack"}, &one)});
  EXPECT_EQ(capacity.classes.size(), 3U);
  EXPECT_EQ(capacity.groups[1], capacity.groups[2]);
  EXPECT_EQ(capacity.groups[0].find(capacity.groups[1]), std::string::npos);
}

TEST(FixtureUse, IsReadFromWhatCTestLists) {
  const lockable::testing::TempFolder folder;
  const std::string name = R"("fixture":"rack","folder":"/x")";
  folder.write("setup", R"({"requirements":["{\"hostname\":null,\"online\":null}"],)" + name + "}");
  folder.write("cleanup", R"({"requirements":[],"cleanup":true,)" + name + "}");
  folder.write("test", R"({"requirements":[]})");
  folder.write("resources.json", R"([{"id":"one"}])");
  const auto listed = [&folder](const std::string& settings, const std::vector<std::string>& fixtures) {
    ListedTest test;
    test.name = settings;
    test.command = {"lockable", "--ctest", folder / settings, "--resources", folder / "resources.json",
                    "--",       "true"};
    if (settings != "test") test.command.resize(5);
    test.fixtures = fixtures;
    return test;
  };
  const WantedTests wanted = wanted_by(
      {listed("test", {"rack"}), listed("cleanup", {}), listed("setup", {}), listed("test", {"db"})});
  ASSERT_EQ(wanted.names, (std::vector<std::string>{"test", "setup", "test"}));
  ASSERT_EQ(wanted.wants[0].size(), 1U);
  EXPECT_NE(wanted.wants[0].front().candidates, std::vector<std::string>{"one"});
  EXPECT_EQ(wanted.wants[1].front().candidates, std::vector<std::string>{"one"});
  EXPECT_EQ(wanted.of_inventory.size(), 2U);
}

}  // namespace
}  // namespace lockable::cli
