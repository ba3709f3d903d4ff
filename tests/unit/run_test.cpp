// Running a command to its end.
#include "platform/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/file.h"
#include "support/process.h"

namespace lockable::platform {
namespace {

using namespace std::chrono_literals;

RunResult run_shell(const std::string& text, BootClock::duration limit = 60s, int interrupt_fd = -1) {
  return run_to_end({{"/bin/sh", "-c", text}, {"WORD=hello"}, BootClock::now() + limit, interrupt_fd});
}

TEST(Run, TellsHowItEndedAndWhatItSaid) {
  const RunResult result = run_shell("echo $WORD; echo there >&2; exit 4");
  EXPECT_EQ(result.end, RunResult::End::kByItself);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.output, "hello\nthere\n");
  EXPECT_EQ(run_shell("kill -TERM $$").exit_code, 128 + SIGTERM);
}

TEST(Run, KeepsTheEndOfALongOutput) {
  const RunResult result = run_shell("head -c 300000 /dev/zero | tr '\\0' x; echo end");
  EXPECT_EQ(result.output.size(), 4096U);
  EXPECT_EQ(result.output.substr(4091), "xend\n");
}

TEST(Run, EndsWhatNeverStopsPrinting) { EXPECT_EQ(run_shell("yes", 50ms).end, RunResult::End::kTooLate); }

TEST(Run, ClosingItsOutputDoesNotEndIt) {
  EXPECT_EQ(run_shell("exec >&- 2>&-; exec sleep 600", 50ms).end, RunResult::End::kTooLate);
  EXPECT_EQ(run_shell("exec >&- 2>&-; exit 3").exit_code, 3);
}

TEST(Run, EndsWithItsWholeGroup) {
  const std::string output = run_shell("sleep 600 & echo $$").output;
  const pid_t group = std::stoi(output);
  testing::await("nobody is left", [group] { return ::kill(-group, 0) != 0; });
}

TEST(Run, IsInterrupted) {
  const Pipe pipe = make_pipe();
  ASSERT_EQ(::write(pipe.write.get(), "x", 1), 1);
  EXPECT_EQ(run_shell("exec sleep 600", 60s, pipe.read.get()).end, RunResult::End::kInterrupted);
}

TEST(Run, InheritsNoDescriptorAndNoInput) {
  const Pipe pipe = make_pipe();
  const Fd kept(::fcntl(pipe.read.get(), F_DUPFD, 100));                 // not closed by exec
  EXPECT_EQ(run_shell("cat; ls /proc/self/fd").output, "0\n1\n2\n3\n");  // ls reads that folder
}

TEST(Run, BlocksNoSignals) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  const std::string output = run_shell("grep SigBlk /proc/self/status").output;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(output, "SigBlk:\t0000000000000000\n");
}

TEST(Run, LeavesOtherChildrenAlone) {
  const pid_t other = ::fork();
  if (other == 0) ::_exit(7);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(other), &info, WEXITED | WNOWAIT), 0);
  run_shell("true");
  int status = 0;
  EXPECT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(Run, WhatCannotBeRunThrows) {
  EXPECT_THROW(run_to_end({{"/no/such/program"}, {}, BootClock::now() + 60s}), SystemError);
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &before);
  EXPECT_THROW(run_shell("true"), SystemError);
  ::sigaction(SIGCHLD, &before, nullptr);
}

}  // namespace
}  // namespace lockable::platform
