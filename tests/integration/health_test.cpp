// Broken boards: the probe before a use. And machines without any board.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "integration/health_bench.h"

namespace lockable::testing {
namespace {

constexpr const char* kB1IsBroken =
    "test $LOCKABLE_RESOURCE_ID != b1 || { echo booting; echo no answer; exit 3; }";

TEST_F(HealthTest, ABoardThatFailsItsProbeIsSetAsideAndTheNextOneIsTried) {
  const Ended ended = run(probing(kB1IsBroken, {"--requirements", "type=dut", "echo $ID"}));
  EXPECT_EQ(ended.out, "b2\n") << ended.err;
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(contains(ended.err, "warning: b1 is set aside until 20")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "probe failed: exit code 3: no answer")) << ended.err;
  EXPECT_EQ(note("b1"), "probe failed: exit code 3: no answer");
  EXPECT_EQ(aside("b1").at("reserved"), true);
  EXPECT_TRUE(aside("b1").contains("until"));
  EXPECT_TRUE(aside("b1").contains("user"));
  EXPECT_FALSE(free("id=b1"));
  EXPECT_TRUE(free("id=b2"));
}

TEST_F(HealthTest, WhatFailsIsNamedToThoseWhoWait) {
  run(probing(kB1IsBroken, {"true"}));
  const Ended ended = run_lockable({"--requirements", "id=b1", "--timeout", "0", "true"});
  EXPECT_EQ(ended.exit_code, 75);
  EXPECT_TRUE(contains(ended.err, "b1 set aside by ")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "probe failed: exit code 3: no answer")) << ended.err;
}

TEST_F(HealthTest, WhenAllAreSetAsideItSaysWhichAndWhy) {
  for (const char* timeout : {"0", "60"}) {
    const Ended ended = run(probing("echo dead; false", {"--timeout", timeout, "echo", "ran"}));
    EXPECT_EQ(ended.exit_code, 72) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(contains(ended.err, "all resources that match are set aside")) << ended.err;
    EXPECT_TRUE(contains(ended.err, "probe failed: exit code 1: dead; `lockablectl release b1`"))
        << ended.err;
    EXPECT_TRUE(contains(ended.err, "`lockablectl release b2` ends that")) << ended.err;
    release("b1");
    release("b2");
  }
}

TEST_F(HealthTest, TwoOfTwoCannotBeHadWhenOneIsBroken) {
  const Ended ended = run(probing(kB1IsBroken, {"--requirements", R"({"$count":2})", "true"}));
  EXPECT_EQ(ended.exit_code, 72) << ended.err;
  EXPECT_TRUE(contains(ended.err, "too few resources that match are left")) << ended.err;
  EXPECT_TRUE(free("id=b2"));
}

TEST_F(HealthTest, SeveralAreProbedEachForItself) {
  const Ended ended = run(
      probing("echo $LOCKABLE_RESOURCE_ID >> probed", {"--requirements", R"({"$count":2})", "sort probed"}));
  EXPECT_EQ(ended.out, "b1\nb2\n") << ended.err;
}

TEST_F(HealthTest, AProbeThatHangsIsEndedWithAllItStarted) {
  const Ended ended =
      run(probing("echo $$ > pid; sleep 600 & sleep 600", {"--probe-timeout", "0.5", "true"}));
  EXPECT_EQ(ended.exit_code, 72);
  EXPECT_TRUE(contains(ended.err, "probe failed: no end within 0.5 s")) << ended.err;
  const int group = std::stoi(read_text(folder_ / "pid"));
  await("its group is gone", [group] { return ::kill(-group, 0) != 0; });
}

TEST_F(HealthTest, WhatAProbeLeavesRunningEndsWithIt) {
  const Ended ended = run(probing("echo $$ > pid; sleep 600 &", {"cat", "pid"}));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const int group = std::stoi(ended.out);
  await("its group is gone", [group] { return ::kill(-group, 0) != 0; });
}

TEST_F(HealthTest, AProbeSeesItsResourceAndNothingElseOfOurs) {
  write_inventory(Json::array({{{"id", "x"},
                                {"hostname", this_host()},
                                {"online", true},
                                {"serial", 7},
                                {"net", {{"ip", "10.0.0.1"}}}}})
                      .dump());
  const std::string probe =
      "{ echo $LOCKABLE_RESOURCE_SERIAL $LOCKABLE_RESOURCE_NET_IP $OTHER ${LOCKABLE_RESOURCE_OLD-none};"
      "  cat; ls /proc/self/fd; } > seen";
  Command command = probing(probe, {"cat", "seen"});
  command.env["OTHER"] = "mine";
  command.env["LOCKABLE_RESOURCE_OLD"] = "x";
  command.input = "not for the probe\n";
  // Standard streams, and the folder that ls reads.
  EXPECT_EQ(run(command).out, "7 10.0.0.1 mine none\n0\n1\n2\n3\n");
}

TEST_F(HealthTest, SecretsThatAProbePrintsAreHidden) {
  write_inventory(Json::array({{{"id", "x"},
                                {"hostname", this_host()},
                                {"online", true},
                                {"api", {{"token", "hunter2"}, {"tokens", {"hunter3"}}}}}})
                      .dump());
  const Ended ended = run(probing("echo using $LOCKABLE_RESOURCE_API_TOKEN, hunter3; false", {"true"}));
  EXPECT_TRUE(contains(ended.err, "exit code 1: using ***, ***")) << ended.err;
  EXPECT_FALSE(contains(ended.err + read_text(pid_file("x")), "hunter")) << ended.err;
}

TEST_F(HealthTest, ASignalEndsTheProbeAndNothingIsHeld) {
  Process waiting(probing("echo $$ > pid; touch started; exec sleep 600", {"true"}));
  await("the probe runs", [this] { return std::filesystem::exists(folder_ / "started"); });
  EXPECT_FALSE(free(R"({"$count":2})"));
  waiting.kill(SIGTERM);
  const Ended ended = waiting.wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGTERM) << ended.err;
  EXPECT_TRUE(contains(ended.err, "interrupted while b")) << ended.err;
  EXPECT_NE(::kill(std::stoi(read_text(folder_ / "pid")), 0), 0);
  EXPECT_TRUE(free(R"({"$count":2})"));
}

TEST_F(HealthTest, AProbeKeepsNoLock) {
  Process killed(probing("sleep 600 & echo $$ > pid; touch started; wait", {"true"}));
  await("the probe runs", [this] { return std::filesystem::exists(folder_ / "started"); });
  killed.kill(SIGKILL);
  killed.wait();
  EXPECT_TRUE(free_after_a_death(R"({"$count":2})"));
  ::kill(-std::stoi(read_text(folder_ / "pid")), SIGKILL);
}

TEST_F(HealthTest, AParentThatIgnoresItsChildrenDoesNotDisturb) {
  Command command = probing("exit 0", {"--", "echo", "good"});
  command.argv.insert(command.argv.begin(),
                      {"python3", "-c",
                       "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
                       "os.execv(sys.argv[1], sys.argv[1:])"});
  const Ended ended = run(command);
  EXPECT_EQ(ended.out, "good\n") << ended.err;
}

TEST_F(HealthTest, ABoardThatIsSetAsideComesBack) {
  const Ended first =
      run(probing("test -e repaired", {"--requirements", "id=b1", "--set-aside-for", "0.2", "true"}));
  EXPECT_EQ(first.exit_code, 72) << first.err;
  folder_.write("repaired", "");
  const Ended second =
      run(probing("test -e repaired", {"--requirements", "id=b1", "--timeout", "20", "echo", "again"}));
  EXPECT_EQ(second.out, "again\n") << second.err;
}

TEST_F(HealthTest, ARequestGoesOnWaitingWhenOthersAreLeft) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b2", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  Process waiter(probing(kB1IsBroken, {"--", "sh", "-c", "echo $LOCKABLE_RESOURCE_ID"}));
  waiter.await_output("b2 held by");
  EXPECT_EQ(note("b1"), "probe failed: exit code 3: no answer");
  holder.kill(SIGTERM);
  EXPECT_EQ(waiter.wait().out, "b2\n");
}

TEST_F(HealthTest, WhoWasProbedInVainKeepsItsPlace) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b2", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  Process first(probing(
      "test $LOCKABLE_RESOURCE_ID = b2 && exit; touch probing; while ! test -e go; do :; done; exit 1",
      {"--", "sh", "-c", "echo first >> order"}));
  await("it is probed", [this] { return std::filesystem::exists(folder_ / "probing"); });
  Process second(lockable({"--", "sh", "-c", "echo second >> order"}));
  second.await_output("place 1 of 1");
  folder_.write("go", "");
  first.await_output("place 1 of 2");
  holder.kill(SIGTERM);
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(read_text(folder_ / "order"), "first\nsecond\n");
}

TEST_F(HealthTest, ProbesThatUseUpTheTimeEndTheRequest) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b2", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  const Ended ended =
      run(probing("while :; do :; done", {"--probe-timeout", "0.2", "--timeout", "0.1", "true"}));
  EXPECT_EQ(ended.exit_code, 75) << ended.err;
  EXPECT_TRUE(contains(ended.err, "b1 set aside by")) << ended.err;
}

TEST_F(HealthTest, SlotsAreProbedButNotSetAside) {
  write_inventory(R"([{"id":"s","slots":2,"hostname":")" + this_host() + R"(","online":true}])");
  const Ended ended = run(probing("echo bad; false", {"--requirements", R"({"$slots":1})", "true"}));
  EXPECT_EQ(ended.exit_code, 72) << ended.err;
  EXPECT_TRUE(contains(ended.err, "s failed its probe: exit code 1: bad; slots of it are not set aside"))
      << ended.err;
  EXPECT_TRUE(free());
}

TEST_F(HealthTest, AdoptedAllocationsAreNotProbedAgain) {
  const Ended ended = run(probing("echo x >> probed", {"--requirements", "id=b1", "--", LOCKABLE_COMMAND,
                                                       "--probe", "false", "--", "cat", "probed"}));
  EXPECT_EQ(ended.out, "x\n") << ended.err;
}

TEST_F(HealthTest, FixturesProbe) {
  const Ended ended = run(tests("Aligned.*", {std::string("--lockable_probe=") + kB1IsBroken}));
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.err, "b1 is set aside until")) << ended.err;
  const Ended failed = run(tests("OtherRadio.*", {"--lockable_probe=false"}));
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_TRUE(contains(failed.out, "all resources that match are set aside")) << failed.out;
}

TEST_F(HealthTest, AMachineWithoutABenchSkips) {
  Command command = tests("Radio.HasIt:Shared.One:Missing.*:Plain.*");
  command.env["LOCKABLE_DISABLE"] = "1";
  command.env["LOCKABLE_RESOURCES"] = "/nowhere.json";
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.out, "[  SKIPPED ] 3 tests")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "[  PASSED  ] 1 test.")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "LOCKABLE_DISABLE is set")) << ended.out;
  EXPECT_FALSE(contains(ended.out, "set up")) << ended.out;
  command.argv.emplace_back("--lockable_requirements=id=b1");
  const Ended whole = run(command);
  EXPECT_EQ(whole.exit_code, 0) << whole.out;
  EXPECT_TRUE(contains(whole.out, "LOCKABLE_DISABLE is set")) << whole.out;
  EXPECT_FALSE(contains(whole.out, "plain ran")) << whole.out;
  EXPECT_FALSE(std::filesystem::exists(lock_folder()));
}

TEST_F(HealthTest, AMachineWithoutABenchSkipsCommands) {
  Command command = lockable({"--resources", "/nowhere.json", "echo", "ran"});
  command.env["LOCKABLE_DISABLE"] = "yes";
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 77);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err, "lockable: skipped: LOCKABLE_DISABLE is set: nothing that needs hardware runs\n");
  for (const char* off : {"", "0", "false", "No"}) {
    Command enabled = lockable({"echo", "ran"});
    enabled.env["LOCKABLE_DISABLE"] = off;
    EXPECT_EQ(run(enabled).out, "ran\n") << off;
  }
}

}  // namespace
}  // namespace lockable::testing
