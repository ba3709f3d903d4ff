// What happens to the lock, the command and its children when somebody dies, stops or is told to end.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "support/bench.h"

namespace lockable::testing {
namespace {

bool gone(pid_t pid) { return ::kill(pid, 0) != 0; }

class ProcessesTest : public Bench {
 protected:
  // A shell under `lockable` that prints its pid, then runs the script.
  Command script(std::vector<std::string> options, const std::string& text) const {
    options.insert(options.end(), {"--", "sh", "-c", "echo pid $$ .; " + text});
    return lockable(options);
  }

  static pid_t pid_in(const std::string& output, const std::string& word = "pid ") {
    const auto at = output.find(word);
    if (at == std::string::npos) throw std::runtime_error("no " + word + "in: " + output);
    return std::stoi(output.substr(at + word.size()));
  }
  // dash catches SIGINT and forgets it when it comes just before exec.
  static void await_exec(pid_t pid) {
    await("it is sleep", [pid] { return read_text("/proc/" + std::to_string(pid) + "/comm") == "sleep\n"; });
  }
};

constexpr const char* kForever = "exec sleep 600";

TEST_F(ProcessesTest, SignalsArePassedOnAndTheirEndIsTheCommands) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
    Process wrapper(script({}, kForever));
    wrapper.await_output(" .");
    await_exec(pid_in(wrapper.out()));
    wrapper.kill(signal);
    EXPECT_EQ(wrapper.wait().exit_code, 128 + signal);
    EXPECT_TRUE(free());
  }
}

TEST_F(ProcessesTest, ACommandThatHandlesASignalDecidesItsExitCode) {
  Process wrapper(script({}, "trap 'echo cleaned; exit 9' TERM; echo armed; while :; do sleep 0.01; done"));
  wrapper.await_output("armed");
  wrapper.kill(SIGTERM);
  const Ended ended = wrapper.wait();
  EXPECT_EQ(ended.exit_code, 9);
  EXPECT_TRUE(contains(ended.out, "cleaned"));
}

TEST_F(ProcessesTest, AKilledCommandFreesTheResource) {
  Process wrapper(script({}, kForever));
  wrapper.await_output(" .");
  ::kill(pid_in(wrapper.out()), SIGKILL);
  EXPECT_EQ(wrapper.wait().exit_code, 137);
  EXPECT_TRUE(free());
}

TEST_F(ProcessesTest, AKilledWrapperFreesNothingStillInUse) {
  Process wrapper(script({}, kForever));
  wrapper.await_output(" .");
  const pid_t command = pid_in(wrapper.out());
  wrapper.kill(SIGKILL);
  EXPECT_EQ(wrapper.wait().exit_code, 137);
  EXPECT_FALSE(gone(command));
  EXPECT_FALSE(free());
  ::kill(command, SIGKILL);
  await("the board is free", [this] { return free(); });
}

TEST_F(ProcessesTest, WithNoInheritAKilledWrapperFreesTheResource) {
  Process wrapper(script({"--no-inherit"}, kForever));
  wrapper.await_output(" .");
  wrapper.kill(SIGKILL);
  wrapper.wait();
  EXPECT_TRUE(free_after_a_death());
  ::kill(pid_in(wrapper.out()), SIGKILL);
}

TEST_F(ProcessesTest, BothKilledFreesIt) {
  Process wrapper(script({}, kForever));
  wrapper.await_output(" .");
  wrapper.kill(SIGKILL);
  ::kill(pid_in(wrapper.out()), SIGKILL);
  await("the board is free", [this] { return free(); });
}

TEST_F(ProcessesTest, ADeadHoldersBoardGoesToTheWaiterAtOnce) {
  Process holder(script({"--no-inherit"}, kForever));
  holder.await_output(" .");
  Process waiter(lockable({"--", "sh", "-c", "echo $PPID"}));
  waiter.await_output("place 1 of 1");
  holder.kill(SIGKILL);
  const Ended ended = waiter.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, std::to_string(waiter.pid()) + "\n");
  ::kill(pid_in(holder.out()), SIGKILL);
}

TEST_F(ProcessesTest, AStoppedHolderKeepsItsBoard) {
  Process holder(script({}, kForever));
  holder.await_output(" .");
  holder.kill(SIGSTOP);
  EXPECT_FALSE(free());
  holder.kill(SIGCONT);
  holder.kill(SIGTERM);
  EXPECT_EQ(holder.wait().exit_code, 143);
}

TEST_F(ProcessesTest, SeveralStoppedWaitersDoNotHoldUpThoseBehind) {
  Process holder(script({}, kForever));
  holder.await_output(" .");
  Process first(lockable({"--", "true"}));
  first.await_output("place 1 of 1");
  Process second(lockable({"--", "true"}));
  second.await_output("place 2 of 2");
  Process third(lockable({"--", "true"}));
  third.await_output("place 3 of 3");
  first.kill(SIGSTOP);
  second.kill(SIGSTOP);
  holder.kill(SIGTERM);
  EXPECT_EQ(third.wait(std::chrono::seconds(20)).exit_code, 0);
  for (const Process* stopped : {&first, &second}) stopped->kill(SIGCONT);
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_EQ(second.wait().exit_code, 0);
}

TEST_F(ProcessesTest, SignalsEndWaiting) {
  Process holder(script({"--die-with-parent"}, kForever));
  holder.await_output(" .");
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    Process waiter(lockable({"--", "true"}));
    waiter.await_output("place 1 of 1");
    waiter.kill(signal);
    EXPECT_EQ(waiter.wait().exit_code, 128 + signal);
    EXPECT_EQ(waiting(), 0U);
  }
}

TEST_F(ProcessesTest, AKilledWaiterLeavesNoTrace) {
  Process holder(script({}, kForever));
  holder.await_output(" .");
  Process first(lockable({"--", "true"}));
  first.await_output("place 1 of 1");
  Process second(lockable({"--", "true"}));
  second.await_output("place 2 of 2");
  first.kill(SIGKILL);
  first.wait();
  holder.kill(SIGTERM);
  EXPECT_EQ(second.wait().exit_code, 0);
  await("the queue is empty", [this] { return waiting() == 0; });
}

TEST_F(ProcessesTest, WhatTheCommandLeavesIsNamedAndTheBoardIsFreeAllTheSame) {
  const Ended ended = run(script({}, "sleep 600 & echo left $! ."));
  const pid_t left = pid_in(ended.out, "left ");
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(contains(ended.err, "left running: ") &&
              contains(ended.err, " (pid " + std::to_string(left) + ")"))
      << ended.err;
  EXPECT_FALSE(gone(left));
  EXPECT_TRUE(free());
  ::kill(left, SIGKILL);
}

TEST_F(ProcessesTest, LeftoversAreEndedFirstWhenAsked) {
  // One of them is a daemon: its parent is gone, and it has a session of its own.
  const Ended ended =
      run(script({"--kill-leftovers"},
                 "sleep 600 & echo left $! .; (setsid sh -c 'echo $$ > daemon; exec sleep 600' &) ;"
                 "while ! test -s daemon; do :; done; exit 3"));
  EXPECT_EQ(ended.exit_code, 3) << ended.err;
  EXPECT_TRUE(gone(pid_in(ended.out, "left "))) << ended.out;
  EXPECT_TRUE(gone(pid_in("pid " + read_text(folder_ / "daemon"))));
}

TEST_F(ProcessesTest, TheRunTimeoutEndsTheWholeTree) {
  const Ended ended = run(script({"--run-timeout", "2"}, "sleep 600 & echo left $! .; wait"));
  EXPECT_EQ(ended.exit_code, 124);
  EXPECT_TRUE(gone(pid_in(ended.out, "left ")));
  EXPECT_TRUE(free());
}

TEST_F(ProcessesTest, TheRunTimeoutKillsWhatIgnoresSigterm) {
  const Ended ended = run(script({"--run-timeout", "2"}, "trap '' TERM; while :; do sleep 1; done"));
  EXPECT_EQ(ended.exit_code, 124);
  EXPECT_TRUE(gone(pid_in(ended.out)));
}

TEST_F(ProcessesTest, TheRunTimeoutCountsFromTheAllocation) {
  Process holder(script({}, kForever));
  holder.await_output(" .");
  Process waiter(lockable({"--run-timeout", "20", "--", "sh", "-c", "echo ran"}));
  waiter.await_output("place 1 of 1");
  holder.kill(SIGTERM);
  EXPECT_EQ(waiter.wait().out, "ran\n");
}

TEST_F(ProcessesTest, DiesWithItsParent) {
  Command parent = script({"--die-with-parent"}, "echo wrapper $PPID .; exec sleep 600");
  parent.argv.insert(parent.argv.begin(), {"sh", "-c", "\"$@\" & wait", "sh"});
  Process shell(parent);
  shell.await_output("wrapper ");
  shell.await_output(" .\nwrapper");
  const pid_t command = pid_in(shell.out());
  shell.kill(SIGKILL);
  shell.wait();
  await("the command is gone", [command] { return gone(command); });
  await("the board is free", [this] { return free(); });
}

TEST_F(ProcessesTest, WaitsNotForADeadParent) {
  Process holder(script({"--die-with-parent"}, kForever));
  holder.await_output(" .");
  Command parent = lockable({"--die-with-parent", "--", "true"});
  parent.argv.insert(parent.argv.begin(), {"sh", "-c", "\"$@\" & wait", "sh"});
  Process shell(parent);
  shell.await_output("place 1 of 1");
  shell.kill(SIGKILL);
  await("the queue is empty", [this] { return waiting() == 0; });
}

TEST_F(ProcessesTest, WithDieWithParentAKilledWrapperTakesTheCommandAlong) {
  Process wrapper(script({"--die-with-parent"}, kForever));
  wrapper.await_output(" .");
  wrapper.kill(SIGKILL);
  wrapper.wait();
  const pid_t command = pid_in(wrapper.out());
  await("the command is gone", [command] { return gone(command); });
}

TEST_F(ProcessesTest, ClosedStandardStreamsAreNoPlaceForLocks) {
  Command command = lockable({"--", "sh", "-c", "echo text; echo text >&2; exit 5"});
  command.argv.insert(command.argv.begin(), {"sh", "-c", "exec \"$@\" 0<&- 1>&- 2>&-", "sh"});
  EXPECT_EQ(run(command).exit_code, 5);
  Command looks =
      lockable({"--", "sh", "-c", "cat " + pid_file("b1") + " > seen; echo text; ls /proc/self/fd > fds"});
  looks.argv.insert(looks.argv.begin(), {"sh", "-c", "exec \"$@\" 1>&- 2>&-", "sh"});
  run(looks);
  EXPECT_FALSE(contains(read_text(folder_ / "seen"), "text"));
  EXPECT_TRUE(contains(read_text(folder_ / "seen"), "alloc_id"));
}

TEST_F(ProcessesTest, ALostLockIsNoSuccess) {
  const Ended ended = run_lockable({"--", "rm", pid_file("b1")});
  EXPECT_EQ(ended.exit_code, 70);
  EXPECT_TRUE(contains(ended.err, "the lock on b1 was lost")) << ended.err;
}

TEST_F(ProcessesTest, AParentThatIgnoresSigchldIsNoReasonToHang) {
  Command command = lockable({"--", "sh", "-c", "exit 3"});
  command.argv.insert(command.argv.begin(), {"bash", "-c", "trap '' CHLD; exec \"$@\"", "bash"});
  EXPECT_EQ(run(command).exit_code, 3);
}

TEST_F(ProcessesTest, IgnoredSignalsStayIgnored) {
  Command command = script({}, "kill -HUP $PPID; echo alive; exit 4");
  command.argv.insert(command.argv.begin(), {"nohup"});
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 4) << ended.err;
}

}  // namespace
}  // namespace lockable::testing
