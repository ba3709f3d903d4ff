// A plain ctest that knows how much hardware there is.
#include <regex>
#include <sstream>

#include "ctest_bench.h"

namespace lockable::testing {
namespace {

class ScheduleTest : public CTestBench {
 protected:
  ScheduleTest() { scheduled_ = true; }
};

// A test that says what it got, from us and from CTest.
std::string show(const std::string& name, const std::string& more = "") {
  return "lockable_add_test(NAME " + name +
         " COMMAND sh -c [==[echo $ID in ${CTEST_RESOURCE_GROUP_COUNT-no} group]==] " + more + ")\n";
}

TEST_F(ScheduleTest, TestsOfAllDirectoriesGetGroups) {
  std::filesystem::create_directories(folder_ / "project/sub");
  folder_.write("project/sub/CMakeLists.txt", show("below", "REQUIREMENTS id=b2"));
  const std::string out = passes(
      show("first", "REQUIREMENTS id=b1") + "add_subdirectory(sub)\n" +
      "add_test(NAME other COMMAND sh -c [==[echo other in ${CTEST_RESOURCE_GROUP_COUNT-no} group]==])\n" +
      show("last", "REQUIREMENTS id=b1"));
  EXPECT_TRUE(std::regex_search(out, std::regex("b2 in 1 group"))) << out;
  EXPECT_TRUE(contains(out, "b1 in 1 group")) << out;
  EXPECT_TRUE(contains(out, "other in 0 group")) << out;
  EXPECT_FALSE(contains(out, "in no group")) << out;
}

TEST_F(ScheduleTest, NoMoreAreStartedThanThereIsHardwareFor) {
  std::string text;
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    text += std::string("lockable_add_test(NAME ") + name + " COMMAND true REQUIREMENTS type=dut)\n";
  const std::string out = passes(text, {"-j6"});
  // CTest gives each its slots of the class: with two boards, never a third.
  std::size_t running = 0, most = 0;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, std::regex("^ +Start +[0-9]+:"))) most = std::max(most, ++running);
    if (std::regex_search(line, std::regex("^ *[0-9]+/6 Test"))) --running;
  }
  EXPECT_EQ(most, 2U) << out;
}

TEST_F(ScheduleTest, WhatNothingMatchesSaysWhyInsteadOfNotBeingRun) {
  ASSERT_EQ(configure("lockable_add_test(NAME never COMMAND true REQUIREMENTS type=nope)\n" + show("fine"))
                .exit_code,
            0);
  const Ended ended = run_ctest();
  EXPECT_TRUE(contains(ended.out, "no resource of")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "Not Run")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "1 tests failed out of 2")) << ended.out;
}

TEST_F(ScheduleTest, TheInventoryIsReadWhenCTestStarts) {
  ASSERT_EQ(configure(show("t", "REQUIREMENTS [==[{\"$count\":3}]==]")).exit_code, 0);
  EXPECT_TRUE(contains(run_ctest().out, "1 tests failed out of 1"));
  write_boards(3);
  const Ended ended = run_ctest();
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "in 1 group")) << ended.out;
}

TEST_F(ScheduleTest, ACostThatSomebodySetStays) {
  passes(show("ours") + show("theirs") + "set_tests_properties(theirs PROPERTIES COST 7)\n");
  std::string script;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "build/lockable-schedule"))
    if (contains(file.path().filename().string(), "groups-")) script = read_text(file.path().string());
  EXPECT_TRUE(std::regex_search(script, std::regex("ours.*RESOURCE_GROUPS.*COST [0-9]"))) << script;
  EXPECT_TRUE(std::regex_search(script, std::regex("theirs.*RESOURCE_GROUPS \"[^\"]*\"\\)"))) << script;
}

TEST_F(ScheduleTest, WithoutInventoryAllIsAsBefore) {
  std::filesystem::remove(folder_ / "resources.json");
  ASSERT_EQ(configure(show("t") + "add_test(NAME other COMMAND true)\n").exit_code, 0);
  const Ended ended = run_ctest();
  EXPECT_TRUE(contains(ended.err, "ctest starts tests that may have to wait for hardware")) << ended.err;
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("other \\.+ +Passed"))) << ended.out;
  EXPECT_TRUE(contains(ended.out, "1 tests failed out of 2")) << ended.out;
}

TEST_F(ScheduleTest, ItsUsersOwnSpecificationStays) {
  folder_.write("spec.json",
                R"({"version":{"major":1,"minor":0},"local":[{"gpus":[{"id":"0","slots":1}]}]})");
  const std::string text = show("ours") + "add_test(NAME theirs COMMAND true)\n";
  const std::string option = passes(text, {"--resource-spec-file", folder_ / "spec.json"});
  EXPECT_TRUE(contains(option, "in 0 group")) << option;
  const std::string variable =
      passes("set(CTEST_RESOURCE_SPEC_FILE \"" + (folder_ / "spec.json") + "\")\n" + text);
  EXPECT_TRUE(contains(variable, "in 0 group")) << variable;
}

TEST_F(ScheduleTest, AndSoDoGroupsOfItsUsers) {
  ASSERT_EQ(configure(show("ours") + "add_test(NAME theirs COMMAND true)\n"
                                     "set_tests_properties(theirs PROPERTIES RESOURCE_GROUPS gpus:1)\n")
                .exit_code,
            0);
  const Ended ended = run_ctest();
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "in no group")) << ended.out;
  EXPECT_TRUE(contains(ended.err, "the test theirs has RESOURCE_GROUPS of its own")) << ended.err;
}

TEST_F(ScheduleTest, TestsThatUseAFixtureAreNotCountedAsDemand) {
  const std::string out = passes("lockable_add_fixture(NAME rack REQUIREMENTS [==[{\"$count\":2}]==])\n" +
                                     show("one", "REQUIREMENTS id=b1") + show("two") +
                                     "set_tests_properties(one two PROPERTIES FIXTURES_REQUIRED rack)\n",
                                 {"-j4"});
  EXPECT_TRUE(contains(out, "b1 in 1 group")) << out;  // of those that take turns at it
  std::string script, demand;
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "build/lockable-schedule")) {
    const std::string name = file.path().filename().string();
    if (contains(name, "groups-")) script = read_text(file.path().string());
    if (contains(name, "demand")) demand = read_text(file.path().string());
  }
  std::smatch setup;
  ASSERT_TRUE(std::regex_search(script, setup, std::regex("rack_setup.*\"(lockable_\\w+):2\""))) << script;
  const std::string of_boards = setup[1];
  EXPECT_EQ(script.find(of_boards), script.rfind(of_boards)) << script;
  EXPECT_EQ(demand, "[{\"candidates\":[[\"b1\",\"b2\"],[\"b1\",\"b2\"]],\"count\":1}]\n");
}

TEST_F(ScheduleTest, CanBeSwitchedOff) {
  const std::string out = passes("set(LOCKABLE_CTEST_SPEC OFF)\n" + show("t"));
  EXPECT_TRUE(contains(out, "in no group")) << out;
  ASSERT_EQ(configure(show("t")).exit_code, 0);
  Command command = ctest({});
  command.env["LOCKABLE_CTEST_SPEC"] = "off";
  const Ended ended = run(command);
  EXPECT_TRUE(contains(ended.out, "in no group")) << ended.out;
}

}  // namespace
}  // namespace lockable::testing
