// Losing the lease: whatever uses a board has ended before another one can get it.
#include <atomic>
#include <sstream>

#include "integration/etcd_bench.h"

namespace lockable::testing {
namespace {

/// The independent witness: who uses the board touches a file all the time; the next holder looks at its age.
class LeaseTest : public EtcdBench {
 protected:
  LeaseTest() { set_lease_time(3s); }

  /// Until it is ended, or at the latest until this test is over and its folder gone.
  static constexpr const char* kUse = "while date +%s%N > $$ && mv $$ alive; do sleep 0.01; done";

  std::unique_ptr<Process> user(const std::vector<std::string>& options = {},
                                const std::string& before = "") {
    std::vector<std::string> words = options;
    for (const char* word : {"--", "sh", "-c"}) words.emplace_back(word);
    words.push_back(before + " echo held; " + kUse);
    auto process = std::make_unique<Process>(on_cluster(words));
    process->await_output("held");
    return process;
  }

  // Gets the board in the end; until then somebody has ended whoever used it.
  void expect_next_finds_nobody() {
    const Ended next =
        run_on_cluster({"--timeout", "60", "--", "sh", "-c",
                        "echo $(($(date +%s%N) - $(cat alive))); cat alive; sleep 0.3; cat alive"});
    ASSERT_EQ(next.exit_code, 0) << next.err;
    std::istringstream lines(next.out);
    std::string age, first, second;
    lines >> age >> first >> second;
    EXPECT_GT(std::stoll(age), 0);
    EXPECT_EQ(first, second) << "it was used meanwhile";
  }
};

TEST_F(LeaseTest, AStoppedWrappersCommandIsDeadBeforeTheNextHolderStarts) {
  const auto holder = user();
  holder->kill(SIGSTOP);
  expect_next_finds_nobody();
  holder->kill(SIGCONT);
  const Ended ended = holder->wait();
  EXPECT_EQ(ended.exit_code, 70) << ended.err;
  EXPECT_TRUE(contains(ended.err, "what the command uses may be given to others")) << ended.err;
}

TEST_F(LeaseTest, AKilledWrappersCommandIsDeadBeforeTheNextHolderStarts) {
  const auto holder = user();
  holder->kill(SIGKILL);
  expect_next_finds_nobody();
}

TEST_F(LeaseTest, SoIsWhatItStartedInASessionOfItsOwn) {
  const auto holder = user({}, std::string("setsid sh -c '") + kUse + "' & ");
  holder->kill(SIGKILL);
  expect_next_finds_nobody();
}

TEST_F(LeaseTest, AWrapperThatIsCutOffEndsItsCommandInTimeAndTells) {
  const auto holder = user({"--quiet"});
  etcd()[0].stop();
  const Ended ended = holder->wait();
  EXPECT_EQ(ended.exit_code, 70) << ended.err;
  EXPECT_TRUE(contains(ended.err, "has not heard of us for too long")) << ended.err;
  etcd()[0].go_on();
  expect_next_finds_nobody();
}

TEST_F(LeaseTest, TheCommandIsToldFirst) {
  const auto holder = user({}, "trap 'echo told; exit 5' TERM;");
  etcd()[0].stop();
  const Ended ended = holder->wait();
  EXPECT_EQ(ended.exit_code, 70) << ended.err;
  EXPECT_TRUE(contains(ended.out, "told")) << ended.out;
  etcd()[0].go_on();
}

TEST_F(LeaseTest, AStoppedTestProgramNeverReportsSuccess) {
  Command command = on_cluster({});
  command.argv = {RADIO_TEST, "--gtest_filter=Waits.*"};
  Process program(command);
  program.await_output("waiting to be told");
  program.kill(SIGSTOP);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGKILL);
  EXPECT_TRUE(contains(ended.err, "may be given to others")) << ended.err;
  EXPECT_EQ(run_on_cluster({"--timeout", "60", "--requirements", "id=b1", "true"}).exit_code, 0);
}

TEST_F(LeaseTest, AProgramOfItsOwnIsToldAndNotEnded) {
  std::atomic<bool> told{false};
  Options options = this->options();
  options.on_lost = [&told](const std::string&) { told = true; };
  Lockable lab(options);
  const Allocation board = lab.lock("id=b1", 10s);
  EXPECT_GT(board.held_until(), BootClock::now());
  EXPECT_FALSE(board.lost());
  etcd()[0].stop();
  await("it is told", [&told] { return told.load(); });
  EXPECT_TRUE(board.lost());
  EXPECT_LE(board.held_until(), BootClock::now());
  etcd()[0].go_on();
  EXPECT_TRUE(board.lost()) << "it comes back to life";
  const Allocation next = lab.lock("id=b1", 20s);
  EXPECT_GT(next.fencing_token(), board.fencing_token());
  EXPECT_TRUE(next.previous_owner_died());
}

}  // namespace
}  // namespace lockable::testing
