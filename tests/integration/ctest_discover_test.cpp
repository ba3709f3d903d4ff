// lockable_discover_tests() under the real cmake and ctest. (In its other mode, with a program that the
// project builds: tests/package.)
#include <signal.h>

#include <regex>

#include "ctest_bench.h"

namespace lockable::testing {
namespace {

class DiscoverTest : public CTestBench {
 protected:
  /// A project that discovers the tests of that program.
  static std::string discover(const std::string& program, const std::string& arguments) {
    return "add_executable(program IMPORTED)\nset_target_properties(program PROPERTIES IMPORTED_LOCATION \"" +
           program + "\")\nlockable_discover_tests(program DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 " +
           arguments + ")\n";
  }
};

TEST_F(DiscoverTest, EachCaseIsATestWithItsOwnHardware) {
  const std::string out = passes(discover(CASES_TEST, "TEST_PREFIX hw."));
  for (const char* text : {"One has b1", "Two has b1 and b2", "Named has b1", "Named has b2",
                           "NoBoard has nothing", "hw.Board.One", "allocated b1, b2 after",
                           "allocated nothing, the test asks for none", "0 tests failed out of 5"})
    EXPECT_TRUE(contains(out, text)) << text << "\n" << out;
  EXPECT_TRUE(std::regex_search(out, std::regex("hw.Board.Off \\.+\\*\\*\\*Not Run \\(Disabled\\)"))) << out;
  EXPECT_FALSE(contains(out, "Off has")) << out;
}

TEST_F(DiscoverTest, ListingHoldsNothing) {
  ASSERT_EQ(configure(discover(CASES_TEST, "REQUIREMENTS \"{}\"")).exit_code, 0);
  Process holder(lockable({"--die-with-parent", "--requirements", R"({"$count":2})", "--", "sh", "-c",
                           "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  const Ended ended = run_ctest({"-N"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "Board.One")) << ended.out;
  EXPECT_EQ(waiting(), 0U);
  holder.kill(SIGTERM);
}

TEST_F(DiscoverTest, CasesThatDeclareNothingTakeWhatTheCallSays) {
  const std::string all = passes(discover(CASES_TEST, "REQUIREMENTS \"id=b2\""));
  EXPECT_TRUE(contains(all, "NoBoard has b2")) << all;
  EXPECT_TRUE(contains(all, "One has b1")) << all;
}

TEST_F(DiscoverTest, EachCallOfOneProgramKeepsWhatItSays) {
  for (const std::string list : {"", " TEST_LIST ours"}) {
    const std::string second =
        "lockable_discover_tests(program DISCOVERY_MODE PRE_TEST TEST_PREFIX second. REQUIREMENTS \"id=b2\" "
        "PROPERTIES LABELS later ENVIRONMENT CALL=second" +
        list + ")\n";
    const std::string out =
        passes(discover(PLAIN_TEST,
                        "TEST_PREFIX first. REQUIREMENTS \"id=b1\" PROPERTIES LABELS sooner "
                        "ENVIRONMENT CALL=first" +
                            list) +
               second);
    for (const char* text :
         {"1: plain has b1", "2: plain has b2", "1:  CALL=first", "2:  CALL=second", "out of 2"})
      EXPECT_TRUE(contains(out, text)) << text << "\n" << out;
    EXPECT_TRUE(std::regex_search(out, std::regex("sooner += .* \\(1 test\\)"))) << out;
    EXPECT_TRUE(std::regex_search(out, std::regex("later += .* \\(1 test\\)"))) << out;
  }
}

TEST_F(DiscoverTest, AProgramThatHoldsItsHardwareItselfUsesTheInventoryAndLocksOfTheCall) {
  const std::string resources =
      folder_.write("lab.json", R"([{"id":"lab1","hostname":")" + this_host() + R"(","online":true}])");
  const std::string locks = folder_ / "lab-locks";
  std::filesystem::create_directories(locks);
  const std::string out =
      passes(discover(ENVIRONMENT_TEST, "TEST_FILTER Whole.* ALLOCATION_TIMEOUT 0 RESOURCES " + resources +
                                            " LOCK_FOLDER " + locks));
  EXPECT_TRUE(contains(out, "ran with \"lab1\"")) << out;
  Process holder(lockable({"--die-with-parent", "--resources", resources, "--lock-folder", locks, "--", "sh",
                           "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  const Ended ended = run_ctest();
  EXPECT_TRUE(contains(ended.out, "lab1 held by")) << ended.out;
  holder.kill(SIGTERM);
}

TEST_F(DiscoverTest, AProgramWithoutLockableIsServedToo) {
  const std::string plain = passes(discover(PLAIN_TEST, "REQUIREMENTS \"id=b2\""));
  EXPECT_TRUE(contains(plain, "plain has b2")) << plain;
  const std::string property =
      passes(discover(PLAIN_TEST, "REQUIREMENTS \"id=b2\" PROPERTIES LOCKABLE_REQUIREMENTS id=b1"));
  EXPECT_TRUE(contains(property, "plain has b1")) << property;
}

TEST_F(DiscoverTest, AProgramThatGetsNoHardwareFailsOrSkipsEachCase) {
  for (const std::string function : {"lockable_discover_tests", "gtest_discover_tests"}) {
    std::string text = "include(GoogleTest)\n" + discover(ENVIRONMENT_TEST, "");
    text.replace(text.find("lockable_discover_tests"), 23, function);
    ASSERT_EQ(configure(text).exit_code, 0);
    Command command = ctest({"-R", "Whole"});
    command.env["LOCKABLE_REQUIREMENTS"] = "type=nope";
    const Ended failed = run(command);
    EXPECT_EQ(failed.exit_code, 8) << failed.out;
    EXPECT_TRUE(contains(failed.out, "1/1 Test #1: Whole.HasIt ......................***Failed"))
        << failed.out;
    command.env["LOCKABLE_ON_MISSING"] = "skip";
    const Ended missing = run(command);
    command.env.erase("LOCKABLE_ON_MISSING");
    command.env["LOCKABLE_DISABLE"] = "1";
    const Ended disabled = run(command);
    for (const Ended& ended : {missing, disabled}) {
      EXPECT_EQ(ended.exit_code, 0) << ended.out;
      EXPECT_TRUE(contains(ended.out, "Whole.HasIt ......................***Skipped")) << ended.out;
    }
    EXPECT_TRUE(contains(missing.out, "lockable: no resource of")) << missing.out;
    EXPECT_TRUE(contains(disabled.out, "LOCKABLE_DISABLE is set")) << disabled.out;
  }
}

TEST_F(DiscoverTest, AnyTextWorksInRequirementsAndProperties) {
  write_inventory(R"([{"id":"odd","hostname":")" + this_host() +
                  R"(","online":true,"v":"a b;c\"d$e${F}\\g[h]i[j'k$<1:l>ä\tm"}])");
  const std::string text = R"-([==[{"v":"a b;c\"d$e${F}\\g[h]i[j'k$<1:l>ä\tm"}]==])-";
  const std::string argument = passes(discover(PLAIN_TEST, "ALLOCATION_TIMEOUT 10 REQUIREMENTS " + text));
  EXPECT_TRUE(contains(argument, "plain has odd")) << argument;
  const std::string property = passes(
      discover(PLAIN_TEST, "ALLOCATION_TIMEOUT 10 PROPERTIES LOCKABLE_REQUIREMENTS " + text +
                               R"-( LABELS "hw;a [b] $ \\" ENVIRONMENT "A=x y;B=$<0:z>" TIMEOUT 60)-"));
  EXPECT_TRUE(contains(property, "plain has odd")) << property;
  EXPECT_TRUE(contains(property, " A=x y")) << property;
  EXPECT_TRUE(contains(property, " B=$<0:z>")) << property;
  EXPECT_TRUE(std::regex_search(property, std::regex("hw +="))) << property;
}

TEST_F(DiscoverTest, WaitingDoesNotCountAgainstTheTimeout) {
  ASSERT_EQ(configure(discover(CASES_TEST, "PROPERTIES TIMEOUT " + kShort) + R"(
    lockable_add_test(NAME hangs COMMAND sleep 600 REQUIREMENTS "id=b2")
    set_tests_properties(hangs PROPERTIES TIMEOUT )" +
                      kShort + ")")
                .exit_code,
            0);
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  Process tests(ctest({"-j2", "-R", "One|hangs"}));
  tests.await_output("***Timeout");  // of `hangs`: its time has passed, and that of `One`, which waits
  holder.kill(SIGTERM);
  const Ended ended = tests.wait();
  EXPECT_TRUE(contains(ended.out, "One has b1")) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "1 tests failed out of 2")) << ended.out;
}

TEST_F(DiscoverTest, AKilledCTestLeavesNothingHeld) {
  ASSERT_EQ(configure(discover(CASES_TEST, "PROPERTIES ENVIRONMENT CASES_HANG=1")).exit_code, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    Process tests(ctest({"-R", "One"}));
    tests.await_output("One has b1");
    tests.kill(signal);
    tests.wait();
    await("the board is free", [this] { return free("id=b1"); });
  }
}

TEST_F(DiscoverTest, AnEmulatorStartsTheProgramAsBefore) {
  folder_.write("emulate", "#!/bin/sh\necho emulated >&2\nexec \"$@\"\n");
  std::filesystem::permissions(folder_ / "emulate", std::filesystem::perms::owner_all);
  std::string text = discover(CASES_TEST, "");
  text.insert(text.find("lockable_discover"),
              "set_target_properties(program PROPERTIES CROSSCOMPILING_EMULATOR \"" + (folder_ / "emulate") +
                  "\")\n");
  const std::string out = passes(text +
                                 "get_target_property(emulator program CROSSCOMPILING_EMULATOR)\n"
                                 "add_test(NAME emulator COMMAND echo \"it is ${emulator}\")\n");
  EXPECT_TRUE(contains(out, "emulated")) << out;
  EXPECT_TRUE(contains(out, "One has b1")) << out;
  EXPECT_TRUE(contains(out, "it is " + (folder_ / "emulate") + "\n")) << out;
}

TEST_F(DiscoverTest, AndTheCommandOfATestAloneButNotLockable) {
  const std::string out = passes(R"(
    set_target_properties(lockable::command PROPERTIES CROSSCOMPILING_EMULATOR false TEST_LAUNCHER false)
    add_executable(program IMPORTED)
    set_target_properties(program PROPERTIES IMPORTED_LOCATION /bin/echo CROSSCOMPILING_EMULATOR "env;E=1" TEST_LAUNCHER "env;L=1")
    lockable_add_fixture(NAME rack REQUIREMENTS "id=b1")
    lockable_add_test(NAME t COMMAND program "got $ID" REQUIREMENTS "id=b1")
    set_tests_properties(t PROPERTIES FIXTURES_REQUIRED rack))");
  EXPECT_TRUE(contains(out, "\"env\" \"E=1\" \"/bin/echo\"")) << out;
  EXPECT_TRUE(contains(out, "got $ID")) << out;
}

TEST_F(DiscoverTest, AListThatIsMissingIsAskedForByName) {
  ASSERT_EQ(configure(discover(CASES_TEST, "")).exit_code, 0);
  ASSERT_EQ(run_ctest({"-N"}).exit_code, 0);
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "build/lockable"))
    if (contains(file.path().string(), "-cases.json")) std::filesystem::remove(file.path());
  const Ended ended = run_ctest({"-R", "One"});
  EXPECT_NE(ended.exit_code, 0);
  EXPECT_TRUE(contains(ended.out, "build the program again, so that its tests are listed")) << ended.out;
}

TEST_F(DiscoverTest, WrongArgumentsAreNamed) {
  const auto refused = [&](const std::string& text) { return configure(text).err; };
  EXPECT_TRUE(contains(refused("lockable_discover_tests(nothing)"), "there is no target \"nothing\""));
  EXPECT_TRUE(contains(refused(discover(PLAIN_TEST, "PRIORITY high")), "PRIORITY takes a whole number"));
  EXPECT_TRUE(
      contains(refused(discover(PLAIN_TEST, "PROPERTIES TIMEOUT")), "the property TIMEOUT has no value"));
}

}  // namespace
}  // namespace lockable::testing
