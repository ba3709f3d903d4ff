// What ctest says of its tests, and what is passed on from one test of a run to the others.
#include <gtest/gtest.h>
#include <lockable/error.h>

#include "cli/ctest/cases.h"
#include "cli/ctest/demand.h"
#include "cli/ctest/listing.h"
#include "cli/ctest/settings.h"
#include "support/process.h"
#include "support/temp_folder.h"

namespace lockable::cli {
namespace {

using lockable::testing::contains;

std::string listed(const std::string& tests) { return R"({"kind":"ctestInfo","tests":[)" + tests + "]}"; }

TEST(CTestListing, TellsWhatATestIs) {
  const auto tests =
      read_listing(listed(R"({"name":"n","command":["/p/lockable","--ctest","f","--","x"],"properties":[
    {"name":"WORKING_DIRECTORY","value":"/w"},{"name":"COST","value":3},{"name":"TIMEOUT","value":3.0}]})"));
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].name, "n");
  EXPECT_EQ(tests[0].working_directory, "/w");
  EXPECT_TRUE(tests[0].has_cost);
  EXPECT_FALSE(tests[0].has_groups);
  EXPECT_TRUE(is_ours(tests[0]));
}

TEST(CTestListing, KnowsWhatIsNotOurs) {
  const auto tests = read_listing(listed(R"({"name":"not built"},{"name":"a","command":["/bin/true"]},
    {"name":"b","command":["/p/lockable","--","--ctest"]},
    {"name":"c","command":["x"],"properties":[{"name":"RESOURCE_GROUPS","value":[]}]},
    {"name":"d","command":["x"],"properties":[{"name":"ENVIRONMENT","value":["A=b","LOCKABLE_RESOURCES=x"]}]})"));
  ASSERT_EQ(tests.size(), 5U);
  for (const ListedTest& test : tests) EXPECT_FALSE(is_ours(test)) << test.name;
  EXPECT_TRUE(tests[3].has_groups);
  EXPECT_TRUE(tests[4].has_settings);
}

TEST(CTestListing, AnythingElseIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"tests":[{"name":7}]})", "Test project /x"})
    EXPECT_THROW(read_listing(text), Error) << text;
}

TEST(CTestListing, TestsWhoseInventoryIsMissingAreLeftOut) {
  const lockable::testing::TempFolder folder;
  folder.write("settings.json", R"({"requirements":["type=a"]})");
  ListedTest test;
  test.command = {"lockable", "--ctest", folder / "settings.json", "--resources", "none.json", "--", "x"};
  test.working_directory = folder.path();
  const WantedTests wanted = wanted_by({test, test});
  EXPECT_TRUE(wanted.names.empty());
  ASSERT_EQ(wanted.problems.size(), 1U);
  EXPECT_TRUE(contains(wanted.problems[0], folder / "none.json")) << wanted.problems[0];
}

TEST(CTestListing, AnInventoryIsLookedForWhereTheTestRuns) {
  const lockable::testing::TempFolder folder;
  folder.write("settings.json", R"({"requirements":["{\"hostname\":null,\"online\":null}"]})");
  folder.write("resources.json", R"([{"id":"here"}])");
  ListedTest test;
  test.name = "t";
  test.command = {"lockable", "--ctest", folder / "settings.json", "--", "x"};
  test.working_directory = folder.path();
  const WantedTests wanted = wanted_by({test});
  ASSERT_EQ(wanted.names, std::vector<std::string>{"t"});
  EXPECT_EQ(wanted.wants[0].begin()->candidates, std::vector<std::string>{"here"});
}

TEST(Demand, ComesBackAsItWas) {
  const lockable::testing::TempFolder folder;
  const Wants a{{{"a1", "a2"}}}, both{{{"a1"}}, {{"b1", "\"ä"}}};
  folder.write("demand.json", demand_text({a, both, a}));
  const auto demand = read_demand(folder / "demand.json");
  ASSERT_EQ(demand.size(), 2U);
  EXPECT_EQ(demand[0].count + demand[1].count, 3U);
  for (const Demand& kind : demand) EXPECT_TRUE(kind.wants == (kind.count == 2 ? a : both));
}

TEST(Demand, IsAHintOnly) {
  const lockable::testing::TempFolder folder;
  EXPECT_TRUE(read_demand(folder / "none").empty());
  for (const char* text : {"", "7", "[7]", R"([{"count":-1}])", R"([{"count":1,"candidates":[7]}])"}) {
    folder.write("demand.json", text);
    EXPECT_TRUE(read_demand(folder / "demand.json").empty()) << text;
  }
}

TEST(CTestSettings, SayWhatIsWrongAndWhere) {
  const lockable::testing::TempFolder folder;
  for (const char* text : {"", "[", "{}", R"({"requirements":7})", R"({"run_timeout":"x"})"}) {
    folder.write("s.json", text);
    try {
      read_ctest_settings(folder / "s.json");
      ADD_FAILURE() << text;
    } catch (const InvalidRequirements& error) {
      EXPECT_TRUE(contains(error.what(), folder / "s.json")) << error.what();
    }
  }
}

TEST(Cases, AreFoundByTheFilter) {
  const lockable::testing::TempFolder folder;
  folder.write("cases.json", R"({"S.a":{"id":"b1"},"S.b":{"error":"threw"},"S.c":[{"id":"x"},{"id":"y"}]})");
  const auto of = [&](const std::string& name) {
    return Cases(folder / "cases.json").requirements_of({"program", "--gtest_filter=" + name});
  };
  EXPECT_EQ(of("S.a"), R"({"id":"b1"})");
  EXPECT_EQ(of("S.b"), std::nullopt);
  EXPECT_EQ(of("S.c"), R"([{"id":"x"},{"id":"y"}])");
  EXPECT_EQ(of("S.d"), std::nullopt);
  EXPECT_EQ(Cases(folder / "cases.json").requirements_of({"program"}), std::nullopt);
}

TEST(Cases, MustHaveBeenListed) {
  const lockable::testing::TempFolder folder;
  EXPECT_THROW(Cases(folder / "none"), InvalidRequirements);
  folder.write("torn", "{");
  EXPECT_THROW(Cases(folder / "torn"), InvalidRequirements);
}

}  // namespace
}  // namespace lockable::cli
