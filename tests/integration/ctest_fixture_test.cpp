// lockable_add_fixture() under the real cmake and ctest.
#include <signal.h>

#include <filesystem>
#include <regex>
#include <set>

#include "ctest_bench.h"

namespace lockable::testing {
namespace {

class FixtureTest : public CTestBench {
 protected:
  static std::string fixture(const std::string& more = "REQUIREMENTS \"id=b1\"") {
    return "lockable_add_fixture(NAME rack " + more + ")\n";
  }

  /// A test that runs this in a shell and requires that fixture.
  static std::string test(const std::string& name, const std::string& script, const std::string& more = "",
                          const std::string& required = "rack") {
    return "lockable_add_test(NAME " + name + " COMMAND sh -c [==[" + script + "]==] " + more +
           ")\nset_tests_properties(" + name + " PROPERTIES FIXTURES_REQUIRED \"" + required + "\")\n";
  }

  /// A test of plain add_test() that runs one case of a program which asks for b1.
  static std::string plain(const std::string& name, const std::string& more = "") {
    return "add_test(NAME " + name +
           " COMMAND sh -c [==[echo $$ > pid; exec " CASES_TEST " --gtest_filter=Board.One]==])\n" +
           "set_tests_properties(" + name + " PROPERTIES FIXTURES_REQUIRED rack " + more + ")\n";
  }

  /// What is left where fixtures say what they hold.
  std::size_t files_left() const {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_ / "build/lockable-fixtures"))
      if (entry.is_regular_file()) ++files;
    return files;
  }

  Process hold_b1() const {
    return Process(lockable(
        {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  }
};

std::multiset<std::string> allocated_b1(const std::string& out) {
  std::multiset<std::string> ids;
  const std::regex line("allocated b1 after .* \\(alloc_id ([0-9a-f]+)\\)");
  for (std::sregex_iterator at(out.begin(), out.end(), line), end; at != end; ++at) ids.insert((*at)[1]);
  return ids;
}

std::set<std::string> alloc_ids(const std::string& out) {
  const auto all = allocated_b1(out);
  return {all.begin(), all.end()};
}

TEST_F(FixtureTest, OneAllocationServesAllTestsThatRequireIt) {
  const std::string out = passes(fixture() + test("one", "echo one has $ID") +
                                 test("two", "echo two has $ID", "REQUIREMENTS type=dut"));
  EXPECT_TRUE(contains(out, "one has b1")) << out;
  EXPECT_TRUE(contains(out, "two has b1")) << out;
  EXPECT_EQ(alloc_ids(out).size(), 1U) << out;
  EXPECT_TRUE(contains(out, "released b1")) << out;
  EXPECT_TRUE(free("id=b1"));
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(FixtureTest, CTestAddsTheFixtureToTheTestsThatItSelects) {
  const std::string out =
      passes(fixture() + test("one", "echo one has $ID") + test("two", "true"), {"-R", "one"});
  EXPECT_TRUE(contains(out, "one has b1")) << out;
  EXPECT_TRUE(contains(out, "0 tests failed out of 3")) << out;
}

TEST_F(FixtureTest, OneTestAtATimeUsesIt) {
  std::string text = fixture();
  for (const char* name : {"a", "b", "c", "d", "e"})
    text += test(name, "mkdir taken && sleep 0.05 && rmdir taken");
  passes(text, {"-j5"});
  scheduled_ = true;
  passes(text, {"-j5"});
}

TEST_F(FixtureTest, EveryKindOfTestUsesIt) {
  const std::string out = passes(
      fixture() + plain("plain", "ENVIRONMENT \"A=1;B=2\"") + "add_executable(program IMPORTED)\n" +
      "set_target_properties(program PROPERTIES IMPORTED_LOCATION \"" CASES_TEST "\")\n" +
      "lockable_discover_tests(program DISCOVERY_MODE PRE_TEST TEST_FILTER Board.One TEST_PREFIX found. "
      "PROPERTIES FIXTURES_REQUIRED rack ENVIRONMENT \"C=3;D=4\")\n" +
      "add_test(NAME variables COMMAND sh -c [==[echo $A$B $LOCKABLE_FIXTURES]==])\n"
      "set_tests_properties(variables PROPERTIES FIXTURES_REQUIRED rack ENVIRONMENT \"A=x y;B=z\")\n");
  EXPECT_TRUE(std::regex_search(out, std::regex("found.Board.One \\.+ +Passed"))) << out;
  EXPECT_TRUE(std::regex_search(out, std::regex("plain \\.+ +Passed"))) << out;
  EXPECT_EQ(alloc_ids(out).size(), 1U) << out;
  EXPECT_TRUE(contains(out, ": x yz [\"/")) << out;
  EXPECT_TRUE(contains(out, " D=4\n")) << out;
}

TEST_F(FixtureTest, TestsOfOtherDirectoriesFindIt) {
  for (const char* name : {"first", "last"})
    std::filesystem::create_directories(folder_ / (std::string("project/") + name));
  folder_.write("project/first/CMakeLists.txt", test("below", "echo below has $ID"));
  folder_.write("project/last/CMakeLists.txt", fixture());
  const std::string out = passes("add_subdirectory(first)\nadd_subdirectory(last)\n");
  EXPECT_TRUE(contains(out, "below has b1")) << out;
  EXPECT_EQ(alloc_ids(out).size(), 1U) << out;
}

TEST_F(FixtureTest, WhatItDoesNotServeIsAllocatedAsEver) {
  const std::string out = passes(fixture() + test("one", "echo one has $ID", "REQUIREMENTS id=b2"));
  EXPECT_TRUE(contains(out, "one has b2")) << out;
}

TEST_F(FixtureTest, ATestMayRequireSeveral) {
  const std::string out = passes(
      fixture(R"-(REQUIREMENTS [==[{"id":"b1","$as":"dut"}]==])-") +
      R"-(lockable_add_fixture(NAME "the \"other\" $1" REQUIREMENTS [==[{"id":"b2","$as":"peer"}]==]))-"
      "\n" +
      test("both", "echo both has $LOCKABLE_ROLE_DUT_ID and $LOCKABLE_ROLE_PEER_ID", "",
           "rack;the \\\"other\\\" $1"));
  EXPECT_TRUE(contains(out, "both has b1 and b2")) << out;
}

TEST_F(FixtureTest, AKilledCTestLeavesNothingHeld) {
  ASSERT_EQ(configure(fixture() + test("long", "echo st''arted; exec sleep 600")).exit_code, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    Process tests(ctest({}));
    tests.await_output("started");
    tests.kill(signal);
    tests.wait();
    await("the board is free", [this] { return free("id=b1"); });
    await("nothing is left", [this] { return files_left() == 0; });
  }
}

TEST_F(FixtureTest, ItIsHeldAsLongAsATestThatOutlivesCTest) {
  ASSERT_EQ(configure(fixture() + plain("plain", "ENVIRONMENT CASES_HANG=1")).exit_code, 0);
  Process tests(ctest({}));
  tests.await_output("One has b1");
  const int program = std::stoi(read_text(folder_ / "build/pid"));
  tests.kill(SIGKILL);
  tests.wait();
  await("the holder waits for the test", [this] { return waiting() == 1; });
  EXPECT_FALSE(free("id=b1"));
  ::kill(program, SIGKILL);
  await("the board is free", [this] { return free("id=b1"); });
}

TEST_F(FixtureTest, TwoRunsOfOneBuildTreeTakeTurns) {
  const std::string begin =
      "mkdir taken && echo be''gun && until test -e " + (folder_ / "go") + "; do :; done";
  ASSERT_EQ(configure(fixture() + test("begin", begin) + test("end", "rmdir taken") +
                      "set_tests_properties(end PROPERTIES DEPENDS begin)\n")
                .exit_code,
            0);
  Process first(ctest({"-j2"}));
  first.await_output("begun");
  Process second(ctest({"-j2", "--output-log", folder_ / "second.log"}));
  await("the second one waits", [this] { return waiting() == 1; });
  folder_.write("go", "");
  for (Process* tests : {&first, &second}) {
    const Ended ended = tests->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.out;
    EXPECT_EQ(allocated_b1(ended.out).size(), 3U) << ended.out;  // the setup and both tests
    EXPECT_EQ(alloc_ids(ended.out).size(), 1U) << ended.out;
  }
}

TEST_F(FixtureTest, WhenTheSetupFailsNoTestRuns) {
  ASSERT_EQ(configure(fixture("REQUIREMENTS \"id=b1\" ALLOCATION_TIMEOUT 0") + test("one", "true")).exit_code,
            0);
  Process holder = hold_b1();
  holder.await_output("ready");
  const Ended ended = run_ctest();
  EXPECT_TRUE(contains(ended.out, "b1 held by")) << ended.out;
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("rack_setup \\.+\\*\\*\\*Failed"))) << ended.out;
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("one \\.+\\*\\*\\*Not Run"))) << ended.out;
  EXPECT_TRUE(contains(ended.out, "the fixture rack holds nothing")) << ended.out;
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(FixtureTest, WaitingDoesNotCountAgainstItsTimeout) {
  ASSERT_EQ(configure(fixture() + test("one", "echo one has $ID") + R"(
    set_tests_properties(rack_setup PROPERTIES TIMEOUT )" +
                      kShort + R"()
    lockable_add_test(NAME hangs COMMAND sleep 600 REQUIREMENTS "id=b2")
    set_tests_properties(hangs PROPERTIES TIMEOUT )" +
                      std::to_string(kSlowness + 1) + ")")
                .exit_code,
            0);
  Process holder = hold_b1();
  holder.await_output("ready");
  Process tests(ctest({"-j2"}));
  tests.await_output("***Timeout");  // of `hangs`: its time has passed, and that of the setup
  holder.kill(SIGTERM);
  const Ended ended = tests.wait();
  EXPECT_TRUE(contains(ended.out, "one has b1")) << ended.out;
}

TEST_F(FixtureTest, AKilledCTestEndsTheWaitForIt) {
  ASSERT_EQ(configure(fixture() + test("one", "true")).exit_code, 0);
  Process holder = hold_b1();
  holder.await_output("ready");
  Process tests(ctest({}));
  await("the setup waits", [this] { return waiting() == 1; });
  tests.kill(SIGKILL);
  tests.wait();
  await("nobody waits", [this] { return waiting() == 0; });
}

TEST_F(FixtureTest, WhenItIsSkippedSoIsWhatRequiresIt) {
  const std::string out = passes(fixture("REQUIREMENTS type=nope ON_MISSING skip") +
                                 test("one", "echo one r''an") + plain("two"));
  EXPECT_TRUE(std::regex_search(out, std::regex("rack_setup \\.+\\*\\*\\*Skipped"))) << out;
  EXPECT_TRUE(std::regex_search(out, std::regex("one \\.+\\*\\*\\*Skipped"))) << out;
  EXPECT_TRUE(contains(out, "skipped: the fixture rack holds nothing: no resource of")) << out;
  EXPECT_FALSE(contains(out, "one ran")) << out;
  EXPECT_TRUE(contains(out, "[  SKIPPED ] Board.One")) << out;
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(FixtureTest, WithoutItsHolderTestsDoNotGoOnWithOtherHardware) {
  const std::string file = "'" + lock_folder() + "'/$ID.pid";
  ASSERT_EQ(configure(fixture("REQUIREMENTS type=dut") +
                      test("one",
                           "kill -9 $(head -n1 " + file + "); until flock -n " + file + " true; do :; done") +
                      test("two", "echo two r''an") + plain("three") +
                      "set_tests_properties(two three PROPERTIES DEPENDS one)\n")
                .exit_code,
            0);
  const Ended ended = run_ctest();
  for (const char* name : {"one", "two", "three", "rack_cleanup"})
    EXPECT_TRUE(std::regex_search(ended.out, std::regex(std::string(name) + " \\.+\\*\\*\\*Failed")))
        << ended.out;
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("the lock on b1 was lost while the command ran \\(its "
                                                      "holder \\(pid [0-9]+\\) has ended")))
      << ended.out;
  EXPECT_TRUE(contains(ended.out, "lockable: the fixture rack does not hold b1 any more")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "two ran")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "One has")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "did not hold b1 to its end")) << ended.out;
  EXPECT_EQ(files_left(), 0U);
}

TEST_F(FixtureTest, RepeatedTestsFindItHeld) {
  const std::string out = passes(fixture() + test("one", "echo one has $ID"), {"--repeat", "until-fail:2"});
  EXPECT_TRUE(contains(out, "the fixture rack holds b1 already")) << out;
  EXPECT_EQ(alloc_ids(out).size(), 1U) << out;
}

TEST_F(FixtureTest, ATestThatWantsTheSameHardwareComesAfterIt) {
  const std::string text =
      fixture("REQUIREMENTS [==[{\"$count\":2}]==]") + test("one", "true", "REQUIREMENTS type=dut") +
      "lockable_add_test(NAME other COMMAND true REQUIREMENTS id=b1 ALLOCATION_TIMEOUT 5)\n" +
      test("two", "true", "REQUIREMENTS id=b2");
  for (const bool scheduled : {false, true}) {
    scheduled_ = scheduled;
    const std::string out = passes(text, {"-j1"});
    EXPECT_TRUE(contains(out, "5/5 Test #4: other")) << out;
  }
}

TEST_F(FixtureTest, UnderLockableItHoldsWhatThatHolds) {
  ASSERT_EQ(configure(fixture() + test("one", "echo one has $ID") + plain("two")).exit_code, 0);
  Command command = lockable({"--requirements", "id=b1", "--"});
  const std::vector<std::string> ctest_words = ctest({"-j2"}).argv;
  command.argv.insert(command.argv.end(), ctest_words.begin(), ctest_words.end());
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "one has b1")) << ended.out;
}

TEST_F(FixtureTest, StatusNamesItAndOnlyItsUserReadsMore) {
  const std::string out =
      passes(fixture() + test("one", LOCKABLECTL " status; stat -c 'mode %a' lockable-fixtures/*/*.json"));
  EXPECT_TRUE(std::regex_search(out, std::regex("b1: held .*\\(ctest fixture\\), test rack"))) << out;
  EXPECT_TRUE(contains(out, "mode 600")) << out;
}

TEST_F(FixtureTest, MistakesAreNamedWhenConfiguring) {
  EXPECT_TRUE(contains(configure("lockable_add_fixture(REQUIREMENTS x=1)").err, "NAME is needed"));
  EXPECT_TRUE(contains(configure(fixture("COMMAND true")).err, "unexpected argument"));
}

}  // namespace
}  // namespace lockable::testing
