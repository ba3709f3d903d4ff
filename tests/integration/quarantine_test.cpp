// Boards whose owners fail, one after another.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "integration/health_bench.h"

namespace lockable::testing {
namespace {

class QuarantineTest : public HealthTest {
 protected:
  /// A command under `lockable` on b1 that counts.
  Ended use(const std::string& command) const {
    return run_lockable(
        {"--requirements", "id=b1", "--timeout", "0", "--quarantine-after", "3", "--", "sh", "-c", command});
  }
};

TEST_F(QuarantineTest, FailuresInARowQuarantine) {
  EXPECT_EQ(use("exit 1").exit_code, 1);
  EXPECT_EQ(use("exit 77").exit_code, 77);    // skipped: says nothing
  EXPECT_EQ(use("exit 127").exit_code, 127);  // nor does a command that is not there
  EXPECT_EQ(use("exit 1").exit_code, 1);
  EXPECT_TRUE(aside("b1").is_null());
  EXPECT_EQ(use("exit 5").exit_code, 5);
  EXPECT_EQ(note("b1"), "3 owners in a row failed, the last: sh exit code 5");
  EXPECT_FALSE(aside("b1").contains("until"));
  EXPECT_EQ(use("true").exit_code, 75);
  release("b1");
  EXPECT_EQ(use("exit 1").exit_code, 1);  // counts anew
  EXPECT_TRUE(aside("b1").is_null());
}

TEST_F(QuarantineTest, ASuccessCountsAnew) {
  for (const char* command : {"exit 1", "exit 1", "true", "exit 1", "exit 1"}) use(command);
  EXPECT_TRUE(aside("b1").is_null());
  use("exit 1");
  EXPECT_FALSE(aside("b1").is_null());
}

TEST_F(QuarantineTest, WhoIsToldToEndDidNotFail) {
  for (int i = 0; i < 3; ++i) {
    Process running(lockable({"--requirements", "id=b1", "--quarantine-after", "1", "--", "sh", "-c",
                              "echo ready; exec sleep 600"}));
    running.await_output("ready");
    running.kill(SIGTERM);
    EXPECT_EQ(running.wait().exit_code, 128 + SIGTERM);
  }
  EXPECT_TRUE(free("id=b1"));
}

TEST_F(QuarantineTest, TheNextOneCountsTheDead) {
  for (int i = 0; i < 2; ++i) {
    Process killed(lockable({"--requirements", "id=b1", "--quarantine-after", "2", "--no-inherit", "--", "sh",
                             "-c", "echo $$; echo ready; exec sleep 600"}));
    killed.await_output("ready");
    const pid_t command = std::stoi(killed.out());
    killed.kill(SIGKILL);
    killed.wait();
    ::kill(command, SIGKILL);
  }
  await("nobody is taken for its holder", [this] { return store()->holders("b1").empty(); });
  const Ended next = run_lockable({"--requirements", R"([{"type":"dut"},{"$prefer":[{"id":"b1"}]}])",
                                   "--quarantine-after", "2", "echo $ID"});
  EXPECT_EQ(next.out, "b2\n") << next.err;
  EXPECT_EQ(note("b1"), "2 owners in a row failed, the last: died without releasing it");
  EXPECT_TRUE(contains(next.err, "warning: b1 is set aside for good")) << next.err;
}

TEST_F(QuarantineTest, WithoutTheOptionNothingIsCounted) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(run_lockable({"--requirements", "id=b1", "--", "false"}).exit_code, 1);
  EXPECT_TRUE(free("id=b1"));
  EXPECT_FALSE(std::filesystem::exists(lock_folder() + "/.lockable/failures"));
}

TEST_F(QuarantineTest, TestsThatFailQuarantine) {
  const std::vector<std::string> flags{"--lockable_quarantine_after=2", "--gtest_also_run_disabled_tests"};
  run(tests("Outcomes.DISABLED_Fails:Outcomes.Passes", flags));
  EXPECT_TRUE(free("id=b1"));
  run(tests("Outcomes.DISABLED_Fails:Outcomes.DISABLED_Skips", flags));
  EXPECT_TRUE(free("id=b1"));
  run(tests("Outcomes.DISABLED_Fails", flags));
  EXPECT_EQ(note("b1"), "2 owners in a row failed, the last: test Outcomes.DISABLED_Fails");
}

TEST_F(QuarantineTest, ASuiteAndAProgramAreOneOwnerEach) {
  const std::vector<std::string> flags{"--lockable_quarantine_after=1", "--gtest_also_run_disabled_tests"};
  run(tests("SuiteOutcomes.*", flags));
  EXPECT_EQ(note("b2"), "its owner failed: suite SuiteOutcomes");
  std::vector<std::string> whole = flags;
  whole.emplace_back("--lockable_requirements=id=b1");
  run(tests("Outcomes.*", whole));
  EXPECT_EQ(note("b1"), "its owner failed: a test program");
}

TEST_F(QuarantineTest, OnlyTheOutermostOwnerCounts) {
  Command command = tests("Outcomes.DISABLED_Fails", {"--gtest_also_run_disabled_tests"});
  command.argv.insert(command.argv.begin(), {LOCKABLE_COMMAND, "--requirements", "id=b1", "--"});
  command.env["LOCKABLE_QUARANTINE_AFTER"] = "2";
  EXPECT_EQ(run(command).exit_code, 1);
  EXPECT_TRUE(aside("b1").is_null());
  EXPECT_EQ(run(command).exit_code, 1);
  EXPECT_EQ(note("b1"), "2 owners in a row failed, the last: radio_test exit code 1");
}

}  // namespace
}  // namespace lockable::testing
