// Who dies, and what the next holder finds: the board free, and news of the death where nobody released.
#include <lockable/lockable.h>
#include <signal.h>
#include <unistd.h>

#include "support/bench.h"

namespace lockable::testing {
namespace {

using namespace std::chrono_literals;

class DeathsTest : public Bench {
 protected:
  DeathsTest() {
    options_.resources = folder_ / "resources.json";
    use_store(options_);
    options_.adopt = false;
  }
  // Takes the board as the next holder, and says whether the last one died.
  bool previous_owner_died() const { return Lockable(options_).lock("id=b1", 20s).previous_owner_died(); }

  // A test program that holds b1; under `lockable` when a wrapper is given.
  Command test_program(const std::vector<std::string>& wrapper = {}) const {
    Command command = lockable({});
    command.argv = wrapper;
    command.argv.insert(command.argv.end(), {RADIO_TEST, "--gtest_filter=Waits.*"});
    command.env["LOCKABLE_TIMEOUT"] = "20";
    return command;
  }
  static void await_test(Process& process) { process.await_output("waiting to be told"); }
  // The test program under this wrapper.
  static pid_t child_of(pid_t wrapper) {
    const std::string path =
        "/proc/" + std::to_string(wrapper) + "/task/" + std::to_string(wrapper) + "/children";
    return std::stoi(read_text(path));
  }

  Options options_;
};

const std::vector<std::string> kWrapped = {LOCKABLE_COMMAND, "--requirements", "id=b1", "--"};

TEST_F(DeathsTest, ATestProgramThatEndsIsNoNews) {
  Process tests(test_program());
  await_test(tests);
  folder_.write("go", "");
  EXPECT_EQ(tests.wait().exit_code, 0);
  EXPECT_FALSE(previous_owner_died());
}

TEST_F(DeathsTest, SignalsToATestProgram) {
  for (const int signal : {SIGTERM, SIGINT, SIGKILL, SIGABRT}) {
    Process tests(test_program());
    await_test(tests);
    tests.kill(signal);
    EXPECT_EQ(tests.wait().exit_code, 128 + signal);
    EXPECT_TRUE(free_after_a_death());  // a look takes it as it was and leaves nothing
  }
}

TEST_F(DeathsTest, ADeathOfATestProgramIsNewsOnce) {
  for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
    Process tests(test_program());
    await_test(tests);
    tests.kill(signal);
    tests.wait();
    EXPECT_TRUE(previous_owner_died()) << signal;
    EXPECT_FALSE(previous_owner_died()) << signal;
  }
}

TEST_F(DeathsTest, SignalsToTheWrapperOfATestProgram) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Process wrapper(test_program(kWrapped));
    await_test(wrapper);
    wrapper.kill(signal);
    EXPECT_EQ(wrapper.wait().exit_code, 128 + signal);
    EXPECT_FALSE(previous_owner_died()) << "the wrapper released it";
  }
}

TEST_F(DeathsTest, AKilledTestProgramUnderAWrapper) {
  Process wrapper(test_program(kWrapped));
  await_test(wrapper);
  ::kill(child_of(wrapper.pid()), SIGKILL);
  EXPECT_EQ(wrapper.wait().exit_code, 137);
  EXPECT_FALSE(previous_owner_died());
}

TEST_F(DeathsTest, AKilledWrapperLeavesItToTheTestProgram) {
  Process wrapper(test_program(kWrapped));
  await_test(wrapper);
  const pid_t tests = child_of(wrapper.pid());
  wrapper.kill(SIGKILL);
  wrapper.wait();
  EXPECT_FALSE(free());
  folder_.write("go", "");
  await("the test program has ended", [tests] { return ::kill(tests, 0) != 0; });
  EXPECT_TRUE(previous_owner_died());
}

TEST_F(DeathsTest, BothKilled) {
  Process wrapper(test_program(kWrapped));
  await_test(wrapper);
  const pid_t tests = child_of(wrapper.pid());
  wrapper.kill(SIGKILL);
  ::kill(tests, SIGKILL);
  EXPECT_TRUE(previous_owner_died());
  EXPECT_FALSE(previous_owner_died());
}

TEST_F(DeathsTest, AWaiterHearsOfAKillAlsoWithoutInotify) {
  Command waiting = lockable({"--timeout", "20", "--", "echo", "got it"});
  waiting.argv.insert(waiting.argv.begin(), WITHOUT_INOTIFY);
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int tries = 0; tries < 3 && shortest >= 900ms; ++tries) {  // a machine may be busy with something else
    Process holder(test_program());
    await_test(holder);
    Process waiter(waiting);
    waiter.await_output("place 1 of 1");
    const auto killed_at = std::chrono::steady_clock::now();
    holder.kill(SIGKILL);
    EXPECT_EQ(waiter.wait().out, "got it\n");
    shortest = std::min(shortest, std::chrono::steady_clock::now() - killed_at);
  }
  EXPECT_LT(shortest, 900ms) << "looked but once a second";
}

TEST_F(DeathsTest, WithoutInotifyThereIsNone) {
  Command probe = lockable({});
  probe.argv = {WITHOUT_INOTIFY, "python3", "-c",
                "import ctypes; libc = ctypes.CDLL(None, use_errno=True);"
                "print(libc.inotify_init1(0), ctypes.get_errno())"};
  EXPECT_EQ(run(probe).out, "-1 24\n");
}

}  // namespace
}  // namespace lockable::testing
