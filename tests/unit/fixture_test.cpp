// What a fixture of CTest holds, as the tests that require it read it.
#include "allocation/fixture.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "allocation/surrounding.h"
#include "support/temp_folder.h"

namespace lockable {
namespace {

Json element(const std::string& alloc_id, const Json& id, const std::string& role = "") {
  return {{"alloc_id", alloc_id}, {"handle", alloc_id}, {"resource_id", "b1"},
          {"store", "file:/x"},   {"role", role},       {"resource", {{"id", id}}}};
}

class FixtureFileTest : public ::testing::Test {
 protected:
  FixtureFileTest() { ::setenv("LOCKABLE_FIXTURES", Json({folder_.path(), "/not/there"}).dump().c_str(), 1); }
  ~FixtureFileTest() override {
    ::unsetenv("LOCKABLE_FIXTURES");
    ::unsetenv("LOCKABLE_ALLOCATIONS");
  }
  testing::TempFolder folder_;
};

TEST_F(FixtureFileTest, ThatOfTheNearestAncestorIsRead) {
  const auto ancestors = platform::ancestors();
  ASSERT_GE(ancestors.size(), 2U);
  EXPECT_TRUE(required_fixtures().empty());
  folder_.write(fixture_file_name({ancestors[0].pid, ancestors[0].start_time + 1}),
                fixture_text({"another process", {}, "", {}}));
  EXPECT_TRUE(required_fixtures().empty());
  folder_.write(fixture_file_name(ancestors[1]), fixture_text({"far", {element("x", "b1")}, "", {7, 8}}));
  ASSERT_EQ(required_fixtures().size(), 1U);
  EXPECT_EQ(required_fixtures()[0].name, "far");
  EXPECT_EQ(required_fixtures()[0].holder.pid, 7);
  EXPECT_EQ(required_fixtures()[0].holder.start_time, 8U);
  folder_.write(fixture_file_name(ancestors[0]), fixture_text({"near", {}, "nothing there", {}}));
  ASSERT_EQ(required_fixtures().size(), 1U);
  EXPECT_EQ(required_fixtures()[0].skipped, "nothing there");
}

TEST_F(FixtureFileTest, WhatItSaysComesBeforeWhatIsHandedDown) {
  folder_.write(fixture_file_name(platform::ancestors().at(0)),
                fixture_text({"f", {element("x", "b1")}, "", {}}));
  ::setenv("LOCKABLE_ALLOCATIONS", Json({element("y", "b2"), element("x", "b1")}).dump().c_str(), 1);
  const std::vector<Json> all = surrounding_allocations();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("alloc_id"), "x");
  EXPECT_EQ(all[1].at("alloc_id"), "y");
}

TEST_F(FixtureFileTest, WhatIsMalformedCountsAsNothing) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"fixture":"f"})", R"({"fixture":"f","holder":7,"allocations":[]})"}) {
    folder_.write(fixture_file_name(platform::ancestors().at(0)), text);
    EXPECT_TRUE(required_fixtures().empty()) << text;
  }
  ::setenv("LOCKABLE_FIXTURES", "no json", 1);
  EXPECT_TRUE(required_fixtures().empty());
}

TEST(FixtureFile, TheNameIsReadBack) {
  const auto ctest = ctest_of(fixture_file_name({12, 345}));
  ASSERT_TRUE(ctest);
  EXPECT_EQ(ctest->pid, 12);
  EXPECT_EQ(ctest->start_time, 345U);
  for (const char* name : {"", "12", "12-", "12-345", "12-345.json.new", "x-1.json", "12_345.json"})
    EXPECT_FALSE(ctest_of(name)) << name;
}

TEST(FixtureFile, RequirementsAskForAllThatIsHeld) {
  Json slot = element("z", 7);
  slot["requirements"] = {{"$slots", 2}, {"type", "dut"}};
  const auto requirements = requirements_of(
      {{"one", {element("x", "b1", "dut"), slot}, "", {}}, {"two", {element("y", "b2", "dut")}, "", {}}});
  ASSERT_EQ(requirements.size(), 3U);
  EXPECT_EQ(Json::parse(requirements[0]),
            Json({{"id", "b1"}, {"$as", "dut"}, {"hostname", nullptr}, {"online", nullptr}}));
  EXPECT_EQ(Json::parse(requirements[1]),
            Json({{"id", 7}, {"$slots", 2}, {"hostname", nullptr}, {"online", nullptr}}));
  EXPECT_EQ(Json::parse(requirements[2]), Json({{"id", "b2"}, {"hostname", nullptr}, {"online", nullptr}}));
}

}  // namespace
}  // namespace lockable
