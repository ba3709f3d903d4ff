// lockable_add_test() under the real cmake and ctest.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include "ctest_bench.h"
#include "support/http_server.h"

namespace lockable::testing {
namespace {

int count(const std::string& text, const std::string& part) {
  int number = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++number;
  return number;
}

using CTestTest = CTestBench;

TEST_F(CTestTest, RunsTheCommandWithWhatItNeeds) {
  folder_.write("script", "#!/bin/sh\necho script has $ID\n");
  std::filesystem::permissions(folder_ / "script", std::filesystem::perms::owner_all);
  const std::string out = passes(R"(
    lockable_add_test(NAME one COMMAND sh -c "echo one has $ID" REQUIREMENTS "id=b2")
    lockable_add_test(COMMAND ${CMAKE_SOURCE_DIR}/../script WORKING_DIRECTORY / NAME two)
    lockable_add_test(NAME three COMMAND sh -c "echo $LOCKABLE_ROLE_A_ID and $LOCKABLE_ROLE_B_ID"
                      REQUIREMENTS "{\"id\":\"b2\",\"$as\":\"a\"}" [=[{"id":"b1","$as":"b"}]=]))");
  EXPECT_TRUE(contains(out, "one has b2")) << out;
  EXPECT_TRUE(contains(out, "script has b1")) << out;
  EXPECT_TRUE(contains(out, "b2 and b1")) << out;
}

TEST_F(CTestTest, AnyTextWorksAsRequirements) {
  write_inventory(R"([{"id":"odd","hostname":")" + this_host() +
                  R"(","online":true,"v":"a b;c\"d$e${F}\\g[h]i[j'k$<1:l>ä\tm"}])");
  const std::string out = passes(R"-(
    lockable_add_test(NAME argument COMMAND sh -c "echo got $ID" REQUIREMENTS [==[{"v":"a b;c\"d$e${F}\\g[h]i[j'k$<1:l>ä\tm"}]==]
                      ALLOCATION_TIMEOUT 10)
    lockable_add_test(NAME property COMMAND sh -c "echo got $ID" REQUIREMENTS "id=wrong" ALLOCATION_TIMEOUT 10)
    set_tests_properties(property PROPERTIES LOCKABLE_REQUIREMENTS [==[{"v":"a b;c\"d$e${F}\\g[h]i[j'k$<1:l>ä\tm"}]==])
    lockable_add_test(NAME words COMMAND printf "<%s>" "a;b" "c d" [==[e"f\g]==] "" "$ID" REQUIREMENTS "id=odd"))-");
  EXPECT_TRUE(contains(out, "<a;b><c d><e\"f\\g><><$ID>")) << out;
}

TEST_F(CTestTest, AnyTextWorksAsAName) {
  const std::string out = passes(R"-(
    foreach(name "a b" "a;b" "[a" "a]" "a;" ";" "a\\" "a\\;b" "a" "\"a" "$a" "ä")
      lockable_add_test(NAME "${name}" COMMAND sh -c "echo got $ID" REQUIREMENTS "id=b1")
      set_property(TEST "${name}" PROPERTY LOCKABLE_REQUIREMENTS "id=b2")
      add_test(NAME "plain ${name}" COMMAND sh -c "echo got $LOCKABLE_REQUIREMENTS")
      set_property(TEST "plain ${name}" PROPERTY LOCKABLE_REQUIREMENTS "b2")
    endforeach())-");
  EXPECT_TRUE(contains(out, "tests passed, 0 tests failed out of 24")) << out;
  EXPECT_EQ(count(out, ": got b2"), 24) << out;
}

TEST_F(CTestTest, ATargetMayBeMadeAfterItsTest) {
  std::filesystem::create_directories(folder_ / "project");
  folder_.write("project/program", "#!/bin/sh\necho program has $ID\n");
  std::filesystem::permissions(folder_ / "project/program", std::filesystem::perms::owner_all);
  const std::string out = passes(R"-(
    lockable_add_test(NAME later COMMAND later REQUIREMENTS "id=b2")
    lockable_add_test(NAME no_program COMMAND true)
    add_executable(later IMPORTED)
    set_target_properties(later PROPERTIES IMPORTED_LOCATION "${CMAKE_SOURCE_DIR}/program")
    add_custom_target(true))-");
  EXPECT_TRUE(contains(out, "program has b2")) << out;
}

TEST_F(CTestTest, AProjectMayAskForAnOldCMake) {
  const bool too_old = contains(configure("", "2.8.12").err, "has been removed");  // by CMake 4
  const std::string out = passes(R"(
    lockable_add_test(NAME old COMMAND sh -c "echo got $ID" REQUIREMENTS "id=b2"))",
                                 {}, too_old ? "3.5" : "2.8.12");
  EXPECT_TRUE(contains(out, "got b2")) << out;
}

TEST_F(CTestTest, ThePropertyWorksInAnyOrder) {
  const std::string out = passes(R"(
    lockable_add_test(NAME mine COMMAND sh -c "echo mine $ID" REQUIREMENTS "id=b1")
    add_test(NAME plain COMMAND sh -c "echo plain $LOCKABLE_REQUIREMENTS $OTHER")
    set_tests_properties(plain PROPERTIES ENVIRONMENT "OTHER=kept" LOCKABLE_REQUIREMENTS "v=x;y")
    set_tests_properties(mine PROPERTIES LOCKABLE_REQUIREMENTS "id=b2"))");
  EXPECT_TRUE(contains(out, "mine b2")) << out;
  EXPECT_TRUE(contains(out, "plain v=x;y kept")) << out;
}

TEST_F(CTestTest, APlainTestWithThePropertyHasTheDefaultsOfItsDirectory) {
  const std::string show =
      R"(COMMAND sh -c "echo $LOCKABLE_RESOURCES, $LOCKABLE_STORE, $LOCKABLE_LOCK_FOLDER, )"
      R"($LOCKABLE_TIMEOUT, $LOCKABLE_PRIORITY, $LOCKABLE_ON_MISSING, $LOCKABLE_PROBE"))";
  const std::string out = passes(R"(
    set(LOCKABLE_LOCK_FOLDER locks)
    set(LOCKABLE_RESOURCES boards.json)
    set(LOCKABLE_ALLOCATION_TIMEOUT 7)
    set(LOCKABLE_PRIORITY 3)
    set(LOCKABLE_ON_MISSING skip)
    set(LOCKABLE_PROBE "true;x")
    add_test(NAME without )" + show +
                                 R"(
    add_test(NAME all )" + show + R"(
    add_test(NAME some )" + show +
                                 R"(
    set_property(TEST all some PROPERTY LOCKABLE_REQUIREMENTS "id=b1")
    set_property(TEST some PROPERTY ENVIRONMENT "LOCKABLE_STORE=file:/own" "LOCKABLE_TIMEOUT=9;V=a\\;b"))");
  const std::string boards = (folder_ / "project/boards.json") + ", ";
  const std::string locks = folder_ / "project/locks";
  EXPECT_FALSE(contains(out, "1: " + boards)) << out;
  EXPECT_TRUE(contains(out, "2: " + boards + ", " + locks + ", 7, 3, skip, true;x\n")) << out;
  EXPECT_TRUE(contains(out, "3: " + boards + "file:/own, ")) << out;
  EXPECT_TRUE(contains(out, ", 9, 3, skip, true;x\n")) << out;
  EXPECT_EQ(count(out, locks + ","), 1) << out;
  EXPECT_TRUE(contains(out, "3:  V=a;b")) << out;
}

TEST_F(CTestTest, APlainTestTakesTheLocksOfBothStoresOfItsDirectory) {
  const std::string out = passes(R"(
    set(LOCKABLE_STORE etcd://lab/boards)
    add_test(NAME one COMMAND sh -c "echo one has $LOCKABLE_STORE, $LOCKABLE_LOCK_FOLDER.")
    set_property(TEST one PROPERTY LOCKABLE_REQUIREMENTS "id=b1")
    set(LOCKABLE_LOCK_FOLDER /locks))");
  EXPECT_TRUE(contains(out, "one has etcd://lab/boards+file:/locks, .")) << out;
}

TEST_F(CTestTest, TheInventoryMayBeBehindAUrl) {
  folder_.write("served.json", R"([{"id":"far","hostname":")" + this_host() + R"(","online":true}])");
  const HttpServer server(folder_.path());
  const std::string out = passes(R"-(
    lockable_add_test(NAME argument COMMAND sh -c "echo argument got $ID" REQUIREMENTS "id=far"
                      RESOURCES [=[)-" +
                                 server.url("/file/served.json?a;b=$c&d") +
                                 R"-(]=])
    set(LOCKABLE_RESOURCES )-" + server.url("/file/served.json?variable") +
                                 R"-()
    lockable_add_test(NAME variable COMMAND sh -c "echo variable got $ID" REQUIREMENTS "id=far")
    set_tests_properties(argument variable PROPERTIES ENVIRONMENT no_proxy=127.0.0.1))-");
  EXPECT_TRUE(contains(out, "argument got far")) << out;
  EXPECT_TRUE(contains(out, "variable got far")) << out;
  ASSERT_EQ(server.requests().size(), 2U) << out;
  EXPECT_EQ(server.requests()[0].at("path"), "/file/served.json?a;b=$c&d");
  EXPECT_EQ(server.requests()[1].at("path"), "/file/served.json?variable");
}

TEST_F(CTestTest, AnInventoryThatCannotBeFetchedFailsItsTestAndSaysWhy) {
  const HttpServer server(folder_.path());
  const std::string url = server.url("/status/404");
  ASSERT_EQ(configure("lockable_add_test(NAME far COMMAND true RESOURCES " + url + R"()
    set_tests_properties(far PROPERTIES ENVIRONMENT no_proxy=127.0.0.1))")
                .exit_code,
            0);
  const Ended ended = run_ctest();
  EXPECT_EQ(ended.exit_code, 8) << ended.out;
  EXPECT_TRUE(contains(ended.out, "inventory " + url + ": HTTP status 404")) << ended.out;
}

TEST_F(CTestTest, WaitingDoesNotCountAgainstTheTestsTimeout) {
  ASSERT_EQ(configure(R"(
    lockable_add_test(NAME slow COMMAND true REQUIREMENTS "id=b1")
    lockable_add_test(NAME hangs COMMAND sleep 600 REQUIREMENTS "id=b2")
    set_tests_properties(slow hangs PROPERTIES TIMEOUT )" +
                      kShort + ")")
                .exit_code,
            0);
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  Process tests(ctest({"-j2"}));
  tests.await_output("***Timeout");  // of `hangs`: its time has passed, and that of `slow`, which waits
  holder.kill(SIGTERM);
  const Ended ended = tests.wait();
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("slow \\.+ +Passed"))) << ended.out;
  EXPECT_TRUE(contains(ended.out, "1 tests failed out of 2")) << ended.out;
  EXPECT_TRUE(free_after_a_death(R"({"$count":2})"));
}

TEST_F(CTestTest, AVariableIsTheTimeoutOfThoseWithout) {
  ASSERT_EQ(configure(R"(
    set(LOCKABLE_RUN_TIMEOUT 1)
    lockable_add_test(NAME hangs COMMAND sleep 600)
    lockable_add_test(NAME own COMMAND true)
    set_tests_properties(own PROPERTIES TIMEOUT 600))")
                .exit_code,
            0);
  const Ended ended = run_ctest();
  EXPECT_TRUE(std::regex_search(ended.out, std::regex("hangs \\.+\\*\\*\\*Timeout"))) << ended.out;
  EXPECT_TRUE(contains(ended.out, "1 tests failed out of 2")) << ended.out;
}

TEST_F(CTestTest, ARepeatedTestThatHangsIsEnded) {
  ASSERT_EQ(configure(R"(
    lockable_add_test(NAME second COMMAND sh -c "test -e ran && exec sleep 600; touch ran")
    set_tests_properties(second PROPERTIES TIMEOUT )" +
                      kShort + ")")
                .exit_code,
            0);
  const Ended ended = run_ctest({"--repeat", "until-fail:2"});
  EXPECT_EQ(ended.exit_code, 8) << ended.out;
  EXPECT_TRUE(contains(ended.out, "the run timeout has come")) << ended.out;
}

TEST_F(CTestTest, MissingHardwareFailsOrSkips) {
  ASSERT_EQ(configure(R"(
    lockable_add_test(NAME fails COMMAND true REQUIREMENTS "type=nope")
    lockable_add_test(NAME skips COMMAND true REQUIREMENTS "type=nope" ON_MISSING skip)
    lockable_add_test(NAME by_own_code COMMAND true REQUIREMENTS "type=nope" ON_MISSING skip)
    set_tests_properties(by_own_code PROPERTIES SKIP_RETURN_CODE 4)
    set(LOCKABLE_ON_MISSING skip)
    lockable_add_test(NAME by_variable COMMAND true REQUIREMENTS "type=nope"))")
                .exit_code,
            0);
  const Ended ended = run_ctest();
  EXPECT_TRUE(contains(ended.out, "fails ............................***Failed")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "skips ............................***Skipped")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "by_variable ......................***Skipped")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "by_own_code ......................***Skipped")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "matches")) << ended.out;
}

TEST_F(CTestTest, ABrokenBoardIsSetAside) {
  const std::string out = passes(R"-(
    lockable_add_test(NAME one COMMAND sh -c "echo got $ID" REQUIREMENTS "type=dut"
                      PROBE "echo 'is \"it\"; $LOCKABLE_RESOURCE_ID'; test $LOCKABLE_RESOURCE_ID != b1" QUARANTINE_AFTER 3))-");
  EXPECT_TRUE(contains(out, "got b2")) << out;
  EXPECT_TRUE(contains(out, "probe failed: exit code 1: is \"it\"; $LOCKABLE_RESOURCE_ID")) << out;
}

TEST_F(CTestTest, AMachineWithoutABenchSkips) {
  ASSERT_EQ(configure(R"(
    lockable_add_test(NAME one COMMAND true)
    lockable_add_test(NAME other COMMAND true)
    set_tests_properties(other PROPERTIES SKIP_RETURN_CODE 4))")
                .exit_code,
            0);
  Command command = ctest({});
  command.env["LOCKABLE_DISABLE"] = "1";
  command.env["LOCKABLE_RESOURCES"] = "/nowhere.json";
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_EQ(count(ended.out, "***Skipped"), 2) << ended.out;
  EXPECT_TRUE(contains(ended.out, "LOCKABLE_DISABLE is set")) << ended.out;
}

TEST_F(CTestTest, AnAllocationTimeoutSaysWhoHoldsIt) {
  ASSERT_EQ(
      configure(R"(lockable_add_test(NAME waits COMMAND true REQUIREMENTS "id=b1" ALLOCATION_TIMEOUT 0))")
          .exit_code,
      0);
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b1", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  const Ended ended = run_ctest();
  EXPECT_EQ(ended.exit_code, 8);
  EXPECT_TRUE(contains(ended.out, "b1 held by")) << ended.out;
}

TEST_F(CTestTest, TheDashboardHearsOfTheResource) {
  ASSERT_EQ(configure(R"(
    include(CTest)
    lockable_add_test(NAME one COMMAND true REQUIREMENTS "id=b2"))")
                .exit_code,
            0);
  Command command = lockable({});
  command.argv = {"ctest", "-M", "Experimental", "-T", "Start", "-T", "Test"};
  command.folder = folder_ / "build";
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  std::string xml;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "build/Testing"))
    if (entry.path().filename() == "Test.xml") xml = read_text(entry.path());
  EXPECT_TRUE(std::regex_search(xml, std::regex("name=\"lockable_resource\"[^<]*>\\s*<Value>b2</Value>")))
      << xml;
  EXPECT_TRUE(contains(xml, "lockable_queue_time_ms")) << xml;
}

TEST_F(CTestTest, AKilledCTestLeavesNothingRunning) {
  ASSERT_EQ(
      configure(
          R"(lockable_add_test(NAME long COMMAND sh -c "echo $$ > pid; echo st''arted; exec sleep 600"))")
          .exit_code,
      0);
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    Process tests(ctest({}));
    tests.await_output("started");
    tests.kill(signal);
    tests.wait();
    await("the board is free", [this] { return free("id=b1"); });
    const int pid = std::stoi(read_text(folder_ / "build/pid"));
    await("the test is gone", [pid] { return ::kill(pid, 0) != 0; });
  }
}

TEST_F(CTestTest, TwoRunsAtOnceShareTheBoards) {
  ASSERT_EQ(configure(R"-(
    foreach(i RANGE 1 12)
      lockable_add_test(NAME t${i} COMMAND sh -c "mkdir /tmp/lockable-$LOCKABLE_ALLOCATION_WITNESS-$ID && rmdir /tmp/lockable-$LOCKABLE_ALLOCATION_WITNESS-$ID")
    endforeach())-")
                .exit_code,
            0);
  Command one = ctest({"-j8"});
  one.env["LOCKABLE_ALLOCATION_WITNESS"] = std::to_string(::getpid());
  Command two = one;
  two.argv.insert(two.argv.end(), {"--output-log", folder_ / "second.log"});
  Process first(one);
  Process second(two);
  for (Process* tests : {&first, &second}) {
    const Ended ended = tests->wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.out;
    EXPECT_TRUE(contains(ended.out, "100% tests passed")) << ended.out;
  }
}

TEST_F(CTestTest, MistakesAreNamedWhenConfiguring) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"lockable_add_test(NAME x)", "NAME and COMMAND are needed"},
      {"lockable_add_test(NAME x COMMAND true ALLOCATION_TIMEOUT soon)", "soon"},
      {"lockable_add_test(NAME x COMMAND true ON_MISSING ignore)", "ignore"},
      {"lockable_add_test(NAME x COMMAND true PRIORITY high)", "high"},
      {"lockable_add_test(NAME x COMMAND true QUARANTINE_AFTER often)", "often"},
      {"lockable_add_test(stray NAME x COMMAND true)", "stray"},
  };
  for (const auto& one : cases) {
    const Ended ended = configure(one.text);
    EXPECT_NE(ended.exit_code, 0) << one.text;
    EXPECT_TRUE(contains(ended.err, one.said)) << ended.err;
  }
}

}  // namespace
}  // namespace lockable::testing
