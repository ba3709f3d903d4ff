// lockable::gtest, shown by running test programs.
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/bench.h"

namespace lockable::testing {
namespace {

using Json = nlohmann::json;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++number;
  return number;
}

class GtestTest : public Bench {
 protected:
  GtestTest() : Bench(2) {}

  Command program(const std::string& filter, std::vector<std::string> more = {}) const {
    Command command = lockable({});
    command.argv = {RADIO_TEST, "--gtest_filter=" + filter};
    command.argv.insert(command.argv.end(), more.begin(), more.end());
    command.env["LOCKABLE_TIMEOUT"] = "20";
    return command;
  }
  Ended run_program(const std::string& filter, std::vector<std::string> more = {}) const {
    return run(program(filter, std::move(more)));
  }
};

TEST_F(GtestTest, HeldFromBeforeTheFirstConstructorUntilAfterTheLastDestructor) {
  const Ended ended = run_program("Radio.HasIt");
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "member made, held yes")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "member gone, held yes")) << ended.out;
  EXPECT_TRUE(free());
}

TEST_F(GtestTest, EveryKindOfTestWorks) {
  const Ended ended = run_program(
      "Radio.*:DerivedRadio.*:OtherRadio.*:AliasRadio.*:*ByParam.*:Typed/"
      "*:Aligned.*:Shared.*:DiesDeathTest.Fast:DiesDeathTest."
      "Threadsafe:Nothing.*:Plain.*",
      {"--gtest_shuffle", "--gtest_repeat=3"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_EQ(count(ended.out, "[  PASSED  ] 19 tests"), 3U) << ended.out;
  EXPECT_EQ(count(ended.out, "suite set up with b"), 3U);
  EXPECT_EQ(count(ended.out, "suite torn down, held yes"), 3U) << ended.out;
  EXPECT_TRUE(free(R"({"$count":2})"));
}

TEST_F(GtestTest, AnyMainWillDo) {
  Command command = program("*");
  command.argv.front() = FOREIGN_MAIN_TEST;
  command.env["LOCKABLE_REQUIREMENTS"] = "id=b2";
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "b2.pid is there")) << ended.out;
}

TEST_F(GtestTest, DeathTestsOfBothStylesShareAndKeepTheLock) {
  const Ended ended = run_program("DiesDeathTest.Fast:DiesDeathTest.Threadsafe", {"--gtest_repeat=3"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_TRUE(free());
}

TEST_F(GtestTest, ADeathTestHasWhatProgramSuiteAndTestHold) {
  write_boards(3);
  const Ended ended = run_program("SharedDiesDeathTest.*", {"--lockable_requirements=id=b3"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
}

TEST_F(GtestTest, ChildrenThatLiveOnDoNotKeepTheLock) {
  Command command = program("DiesDeathTest.AChild*");
  command.argv.insert(command.argv.begin(), "setsid");
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(free("id=b1"));
  const auto group = std::stoi(ended.out.substr(ended.out.find("group ") + 6));
  ::kill(-group, SIGKILL);
}

TEST_F(GtestTest, MissingHardwareFailsWithTheReasonInOneMessage) {
  const Ended ended = run_program("Missing.*:MissingSuite.*:BadText.*");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(count(ended.out, "[  FAILED  ] 3 tests"), 1U) << ended.out;
  EXPECT_EQ(count(ended.out, "lockable: no resource of"), 2U) << ended.out;
  EXPECT_TRUE(contains(ended.out, "radio_test.cpp:")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "line 1, column 2")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "all the same")) << ended.out;
}

TEST_F(GtestTest, MissingHardwareSkipsWhereAskedTo) {
  const Ended ended = run_program("Missing.*:MissingSuite.*", {"--lockable_on_missing=skip"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(contains(ended.out, "[  SKIPPED ] 2 tests")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "all the same"));
}

TEST_F(GtestTest, ASuiteWithoutHardwareIsNotSetUp) {
  // Not even with what the program holds.
  const Ended ended =
      run_program("MissingSuite.*:Shared.One",
                  {"--lockable_on_missing=skip", "--gtest_repeat=2", "--lockable_requirements=id=b1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_FALSE(contains(ended.out, "all the same")) << ended.out;
  EXPECT_EQ(count(ended.out, "suite set up with b1"), 2U) << ended.out;
}

TEST_F(GtestTest, RequirementsThatThrowFailTheTest) {
  const Ended ended = run_program("Throws.*:Plain.*");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_EQ(count(ended.out, "the requirements threw something"), 1U) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "plain ran")) << ended.out;
  const Ended listed = run_program("Throws.*", {"--lockable_list_requirements"});
  EXPECT_TRUE(contains(listed.out, "the requirements threw something")) << listed.out << listed.err;
}

TEST_F(GtestTest, HardwareThatIsHeldIsNoReasonToSkip) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  const Ended ended = run_program("Radio.HasIt", {"--lockable_on_missing=skip", "--lockable_timeout=0.1"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(contains(ended.out, "b1 held by")) << ended.out;
}

TEST_F(GtestTest, WaitingGoesOnWhenNobodyReadsTheMessages) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  Command command =
      program("Radio.HasIt", {"--lockable_timeout=1.1"});  // the first message comes after a second
  command.argv.insert(command.argv.begin(), {"sh", "-c", "exec \"$@\" 2> /dev/full", "sh"});
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(contains(ended.out, "no resource came free within 1.1 s")) << ended.out;
}

TEST_F(GtestTest, ALockThatIsLostFailsTheTest) {
  const Ended ended = run_program("Loses.*");
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(contains(ended.out, "the lock on b1 was lost during this test")) << ended.out;
}

TEST_F(GtestTest, ResultsSayWhatWasUsed) {
  write_inventory(Json::array({{{"id", "b1"},
                                {"type", "dut"},
                                {"hostname", this_host()},
                                {"online", true},
                                {"slot", {{"row", 3}}},
                                {"password", "hunter2"}}})
                      .dump());
  const Ended ended = run_program(
      "Radio.HasIt", {"--gtest_output=json:" + (folder_ / "r.json"), "--gtest_also_run_disabled_tests"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  const Json result = Json::parse(read_text(folder_ / "r.json")).at("testsuites").at(0).at("testsuite").at(0);
  EXPECT_EQ(result.at("resource_id"), "b1");
  EXPECT_EQ(result.at("resource_slot"), "{\"row\":3}");
  EXPECT_EQ(result.at("resource_password"), "***");
  EXPECT_EQ(result.at("lockable_alloc_id").get<std::string>().size(), 32U);
  EXPECT_GE(std::stod(result.at("lockable_queue_time_ms").get<std::string>()), 0);
}

TEST_F(GtestTest, TheHolderIsNamedByItsTest) {
  Process tests(program("Waits.*"));
  tests.await_output("waiting to be told");
  const Ended ended = run_lockable({"--timeout", "0", "--requirements", "id=b1", "true"});
  EXPECT_TRUE(contains(ended.err, "test Waits.UntilToldToGoOn")) << ended.err;
  tests.kill(SIGKILL);
  tests.wait();
  EXPECT_TRUE(free_after_a_death("id=b1"));
}

TEST_F(GtestTest, ListsRequirementsAndLocksNothing) {
  const Ended ended = run_program("Radio.*:*ByParam.*:Shared.One:Plain.*:BadText.*:Typed/0.*",
                                  {"--lockable_list_requirements", "--lockable_resources=/nowhere"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const Json all = Json::parse(ended.out);
  EXPECT_EQ(all.at("Radio.HasIt"), (Json{{"id", "b1"}}));
  EXPECT_EQ(all.at("Radio.NeedsTwo").at(1).at("$as"), "b");
  EXPECT_EQ(all.at("Boards/ByParam.Gets/1"), (Json{{"id", "b2"}}));
  EXPECT_EQ(all.at("Typed/0.Works"), (Json{{"type", "dut"}}));
  EXPECT_TRUE(all.at("BadText.IsNeverRun").contains("error"));
  EXPECT_EQ(all.count("Plain.RunsAsEver"), 0U);
  EXPECT_EQ(all.size(), 8U) << all.dump(1);
}

TEST_F(GtestTest, UnderLockableItUsesThatAllocation) {
  Command command = program("Radio.HasIt:Radio.Again:Shared.One");
  command.argv.insert(command.argv.begin(), {LOCKABLE_COMMAND, "--requirements", "id=b1", "--"});
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
}

// It would wait for its own parent, which uses what both were given.
TEST_F(GtestTest, WhatATestStartsTakesABoardOfItsOwn) {
  Command command = program("RunsATool.*");
  const std::string tool = std::string(LOCKABLE_COMMAND) + " --timeout 20 --requirements ";
  command.argv.insert(command.argv.begin(), {LOCKABLE_COMMAND, "--requirements", "id=b1", "--"});
  command.env["TOOL"] = tool + "'id=b2' -- sh -c 'test $LOCKABLE_RESOURCE_ID = b2'";
  EXPECT_EQ(run(command).exit_code, 0);
  command.env["TOOL"] = tool + "'{}' -- sh -c 'test $LOCKABLE_RESOURCE_ID = b2'";
  EXPECT_EQ(run(command).exit_code, 0);
  command.env["TOOL"] = tool + "id=b1 -- true; test $? = 71";
  EXPECT_EQ(run(command).exit_code, 0) << "there is no other one";
}

TEST_F(GtestTest, ShardsAndFiltersHoldOnlyWhatTheyRun) {
  for (const char* shard : {"0", "1"}) {
    Command command = program("Shared.One:Radio.HasIt");
    command.env["GTEST_TOTAL_SHARDS"] = "2";
    command.env["GTEST_SHARD_INDEX"] = shard;
    const Ended ended = run(command);
    EXPECT_EQ(ended.exit_code, 0) << ended.out;
    EXPECT_EQ(count(ended.out, "suite set up"), count(ended.out, "Shared.One (")) << ended.out;
  }
  EXPECT_EQ(run_program("Plain.*", {"--lockable_lock_folder=" + (folder_ / "unused")}).exit_code, 0);
  EXPECT_EQ(::access((folder_ / "unused").c_str(), F_OK), -1);
}

TEST_F(GtestTest, TheProgramsRequirementsServeItsTests) {
  const Ended ended = run_program("Radio.HasIt:Shared.One:OtherRadio.*", {"--lockable_requirements=id=b1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  const Ended missing = run_program("Plain.*", {"--lockable_requirements=id=nope"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_FALSE(contains(missing.out, "plain ran")) << missing.out;
}

TEST_F(GtestTest, AnEnvironmentHoldsForTheWholeProgram) {
  Command command = program("*");
  command.argv = {ENVIRONMENT_TEST, "--gtest_repeat=2"};
  EXPECT_EQ(count(run(command).out, "ran with \"b1\""), 2U);
  command.argv = {ENVIRONMENT_TEST, "--lockable_requirements=id=b2"};
  EXPECT_TRUE(contains(run(command).out, "ran with \"b2\""));
  command.argv = {ENVIRONMENT_TEST, "id=b2"};
  const Ended two = run(command);
  EXPECT_EQ(two.exit_code, 1);
  EXPECT_TRUE(contains(two.out, "another lockable::Environment")) << two.out;
  EXPECT_FALSE(contains(two.out, "ran with")) << two.out;
}

TEST_F(GtestTest, AnEnvironmentThatCannotHaveItFailsEveryTestAndSaysWhyOnce) {
  Command command = program("*");
  command.argv = {ENVIRONMENT_TEST, "", "--gtest_output=xml:" + (folder_ / "r.xml")};
  for (const char* requirements : {"--lockable_requirements={", "--lockable_requirements=type=nope"}) {
    command.argv[1] = requirements;
    const Ended ended = run(command);
    EXPECT_EQ(ended.exit_code, 1) << ended.err;
    EXPECT_EQ(count(ended.out, "lockable: "), 1U) << ended.out;
    EXPECT_EQ(count(ended.out, "[  FAILED  ] 2 tests"), 1U) << ended.out;
    EXPECT_FALSE(contains(ended.out, "SKIPPED")) << ended.out;
    EXPECT_FALSE(contains(ended.out, "ran ")) << ended.out;
    const std::string result = read_text(folder_ / "r.xml");
    EXPECT_EQ(count(result, "<failure message"), 3U) << result;
    EXPECT_FALSE(contains(result, "<skipped")) << result;
  }
  command.argv = {ENVIRONMENT_TEST, "--lockable_requirements={",
                  "--lockable_lock_folder=" + (folder_ / "unused")};
  run(command);
  EXPECT_EQ(::access((folder_ / "unused").c_str(), F_OK), -1);  // nor does a suite ask for its own
}

TEST_F(GtestTest, AnEnvironmentThatSkipsSkipsEveryTest) {
  Command command = program("*");
  command.argv = {ENVIRONMENT_TEST, "--lockable_requirements=type=nope", "--lockable_on_missing=skip",
                  "--gtest_repeat=2", "--gtest_output=json:" + (folder_ / "r.json")};
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(count(ended.out, "[  SKIPPED ] 2 tests"), 2U) << ended.out;
  EXPECT_EQ(count(ended.out, "lockable: no resource of"), 4U) << ended.out;  // for each test
  EXPECT_FALSE(contains(ended.out, "ran ")) << ended.out;
  EXPECT_EQ(count(read_text(folder_ / "r.json"), "SKIPPED"), 2U) << read_text(folder_ / "r.json");
  command.argv = {ENVIRONMENT_TEST, "--gtest_filter=Whole.*"};
  command.env["LOCKABLE_DISABLE"] = "1";
  const Ended one = run(command);
  EXPECT_EQ(count(one.out, "LOCKABLE_DISABLE is set"), 1U) << one.out;
  EXPECT_TRUE(contains(one.out, "[  SKIPPED ] 1 test")) << one.out;
}

TEST_F(GtestTest, AMistakenFlagIsNamed) {
  const Ended ended = run_program("Plain.*", {"--lockable_ressources=x"});
  EXPECT_EQ(ended.exit_code, 64);
  EXPECT_TRUE(contains(ended.err, "unknown flag --lockable_ressources=x")) << ended.err;
}

TEST_F(GtestTest, ManyProgramsShareTheBoards) {
  std::vector<std::unique_ptr<Process>> programs;
  for (int i = 0; i < 6; ++i)
    programs.push_back(std::make_unique<Process>(
        program("Radio.*:Shared.*:*ByParam*:-Shared.OneMore", {"--gtest_shuffle"})));
  for (const auto& one : programs) {
    const Ended ended = one->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  }
}

}  // namespace
}  // namespace lockable::testing
