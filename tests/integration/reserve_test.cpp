// `lockablectl reserve`: people who take a board.
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "integration/ctl_bench.h"

namespace lockable::testing {
namespace {

class ReserveTest : public CtlBench {
 protected:
  std::string py_takes() const {
    const std::string script = "import sys; sys.path.insert(0, '" LOCKABLE_BENCH
                               "'); import py_protocol; "
                               "print(py_protocol.take(sys.argv[1]) is not None)";
    return run({{"python3", "-c", script, pid_file("b1")}, {}, "", ""}).out;
  }
};

TEST_F(ReserveTest, KeepsOthersAwayAndSaysWhoAndWhy) {
  const Ended ended = reserve({"b1", "--for", "2h", "--note", "new firmware"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "reserved b1 until 20")) << ended.out;
  const Ended refused = run_lockable({"--timeout", "0", "--requirements", "id=b1", "true"});
  EXPECT_EQ(refused.exit_code, 75);
  for (const char* part : {"b1 reserved by ", ", until 20", ": new firmware"})
    EXPECT_TRUE(contains(refused.err, part)) << refused.err;
  const Json resource = status()["resources"][0];
  EXPECT_EQ(resource["state"], "reserved");
  EXPECT_EQ(resource["holders"][0]["owner"]["note"], "new firmware");
  EXPECT_TRUE(free("id=b2"));
}

TEST_F(ReserveTest, IsSeenByPyLockable) {
  reserve({"b1", "--for", "ever"});
  EXPECT_EQ(py_takes(), "False\n");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  EXPECT_EQ(py_takes(), "True\n");
}

TEST_F(ReserveTest, WaitsInTheQueueForWhatIsHeld) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  Process reserving(ctl({"reserve", "--insist", "b1", "--for", "1h"}));
  reserving.await_output("lockablectl: waiting for {");
  await_queue(1);
  held->kill(SIGTERM);
  EXPECT_EQ(reserving.wait().exit_code, 0);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, AValueAtFaultIsNamedByWhereItCameFrom) {
  Command asked = ctl({"reserve", "b1", "--for", "1h"});
  asked.env["LOCKABLE_PRIORITY"] = "high";
  const Ended by_variable = run(asked);
  EXPECT_EQ(by_variable.exit_code, 64);
  EXPECT_EQ(by_variable.err.rfind("LOCKABLE_PRIORITY: expected an integer, found 'high'\n", 0), 0U)
      << by_variable.err;
  const Ended by_option = reserve({"b1", "--for", "1h", "--priority", "1.5"});
  EXPECT_EQ(by_option.exit_code, 64);
  EXPECT_EQ(by_option.err.rfind("--priority: expected an integer, found '1.5'\n", 0), 0U) << by_option.err;
}

TEST_F(ReserveTest, InterruptedItLeavesTheQueue) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  Process reserving(ctl({"reserve", "--insist", "b1", "--for", "1h"}));
  await_queue(1);
  reserving.kill(SIGINT);
  EXPECT_EQ(reserving.wait().exit_code, 128 + SIGINT);
  EXPECT_EQ(status()["queue"].size(), 0U);
}

TEST_F(ReserveTest, TakesRequirementsAndSeveralAllOrNone) {
  EXPECT_EQ(reserve({R"({"type":"dut","$count":2})", "--for", "ever", "--json"}).exit_code, 0);
  EXPECT_EQ(state(0) + state(1), "reservedreserved");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  EXPECT_EQ(reserve({"b1", "b2", "--for", "ever", "--timeout", "0"}).exit_code, 75);
  EXPECT_EQ(state(0), "free");
  EXPECT_EQ(reserve({"type=dut", "--for", "ever", "--timeout", "0"}).exit_code, 0);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, ByIdWhereverItIsAndAlsoOffline) {
  write_inventory(R"([{"id":7,"hostname":"elsewhere","online":false}])");
  const Ended ended = reserve({"7", "--for", "1h30m", "--json"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json[0]["id"], "7");
  EXPECT_EQ(json[0]["owner"]["until"], json[0]["until"]);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, NeverAdoptsWhatSurroundsIt) {
  const std::string within = std::string(LOCKABLECTL_COMMAND) + " reserve --insist b1 --for 1h --timeout 0";
  EXPECT_EQ(run_lockable({"--requirements", "id=b1", "--", "sh", "-c", within}).exit_code, 75);
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReserveTest, WhatCannotBe) {
  EXPECT_EQ(reserve({"b1"}).exit_code, 64);
  EXPECT_EQ(reserve({"b1", "--for", "soon"}).exit_code, 64);
  EXPECT_EQ(reserve({"--for", "1h"}).exit_code, 64);
  const Ended unknown = reserve({"b11", "--for", "1h"});
  EXPECT_EQ(unknown.exit_code, 69);
  EXPECT_TRUE(contains(unknown.err, "no resource of") && contains(unknown.err, "has the id \"b11\""));
  EXPECT_EQ(reserve({R"({"type":"dut","$slots":1})", "--for", "1h"}).exit_code, 65);
}

TEST_F(ReserveTest, NotInAFolderThatARebootEmptiesUnlessOneInsists) {
  const Ended refused = run_ctl({"reserve", "b1", "--for", "1h"});
  EXPECT_EQ(refused.exit_code, 73);
  EXPECT_TRUE(contains(refused.err, "a reboot would end reservations in the lock folder") &&
              contains(refused.err, "--insist"))
      << refused.err;
  EXPECT_EQ(state(0), "free");
  std::string kept = "/var/tmp/lockable-test-XXXXXX";
  ASSERT_NE(::mkdtemp(kept.data()), nullptr);
  const Ended ended = run_ctl({"reserve", "b1", "--for", "1h", "--lock-folder", kept});
  std::filesystem::remove_all(kept);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(ReserveTest, ItsEndLetsAWaiterGoOn) {
  const Json until = Json::parse(reserve({"b1", "--for", "1s", "--json"}).out)[0]["until"];
  const Ended ended = run_lockable(
      {"--requirements", "id=b1", "--timeout", "30", "--", "date", "-u", "+%Y-%m-%dT%H:%M:%S.%3NZ"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_GE(ended.out, until.get<std::string>());
}

TEST_F(ReserveTest, ReleasedAfterItsEndPyLockableGoesOnToo) {
  reserve({"b1", "--for", "1s"});
  await("it is over", [this] { return state(0) == "free"; });
  EXPECT_EQ(py_takes(), "False\n");
  EXPECT_EQ(run_ctl({"release", "b1"}).out, "released b1\n");
  EXPECT_EQ(py_takes(), "True\n");
}

TEST_F(ReserveTest, StaysWhenTheMachineStartsAgain) {
  reserve({"b1", "--for", "1h"});
  std::string text = read_text(pid_file("b1"));
  const std::string boot_id = Json::parse(text.substr(text.find('\n')))["boot_id"];
  text.replace(text.find(boot_id), boot_id.size(), "another-boot");
  std::ofstream(pid_file("b1")) << text;
  EXPECT_EQ(state(0), "reserved");
  EXPECT_FALSE(free("id=b1"));
}

}  // namespace
}  // namespace lockable::testing
