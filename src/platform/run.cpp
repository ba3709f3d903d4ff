#include "platform/run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/child.h"
#include "platform/file.h"
#include "platform/wakeup.h"

namespace lockable::platform {
namespace {

using namespace std::chrono_literals;

constexpr int kReadsAtOnce = 32;  // then the clock is looked at: it may print faster than we read
constexpr auto kWithoutPidfd = 10ms;
constexpr auto kGiveUp = 5s;  // a process that even SIGKILL does not end hangs in the kernel

class Run {
 public:
  explicit Run(const RunCommand& command) : command_(command), pipe_(make_pipe()), pid_(start()) {
    pidfd_ = watch_process(pid_);
    pipe_.write.reset();
    ::fcntl(pipe_.read.get(), F_SETFL, O_NONBLOCK);
  }
  ~Run() {
    if (!reaped_) end_group();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  RunResult to_end() {
    RunResult result;
    while (!ended()) {
      wait(command_.until);
      read_output();
      if (readable(command_.interrupt_fd)) result.end = RunResult::End::kInterrupted;
      if (BootClock::now() >= command_.until) result.end = RunResult::End::kTooLate;
      if (result.end != RunResult::End::kByItself && !ended()) break;
      result.end = RunResult::End::kByItself;
    }
    end_group();
    read_output();
    result.exit_code = exit_code_of(status_);
    result.output = std::move(output_);
    return result;
  }

 private:
  pid_t start() {
    ChildCommand child;
    child.argv = command_.argv;
    child.environment = command_.environment;
    ::sigemptyset(&child.mask);
    child.dies_with_us = true;
    child.output = pipe_.write.get();
    return Child::start(child).pid();
  }

  // Leaves it unreaped: as long as it is, nobody else can get the number of its group.
  bool ended() const {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
      throw_errno("cannot learn how " + command_.argv.front() + " ended");
    return info.si_pid == pid_;
  }

  void wait(BootClock::time_point until) {
    if (!pidfd_) until = std::min(until, BootClock::now() + kWithoutPidfd);
    timer_.wait_readable({pipe_.read.get(), pidfd_.get(), command_.interrupt_fd}, until);
  }

  void read_output() {
    char buffer[4096];
    for (int i = 0; i < kReadsAtOnce && pipe_.read; ++i) {
      const ssize_t got = ::read(pipe_.read.get(), buffer, sizeof buffer);
      if (got == 0) pipe_.read.reset();  // else it would be readable for ever
      if (got <= 0) return;
      output_.append(buffer, static_cast<std::size_t>(got));
      if (output_.size() > command_.keep) output_.erase(0, output_.size() - command_.keep);
    }
  }

  void end_group() noexcept try {
    reaped_ = true;
    ::kill(-pid_, SIGKILL);
    const auto give_up = BootClock::now() + kGiveUp;
    while (::waitpid(pid_, &status_, WNOHANG) == 0 && BootClock::now() < give_up)
      timer_.wait_readable({pidfd_.get()}, pidfd_ ? give_up : BootClock::now() + kWithoutPidfd);
  } catch (const std::exception&) {
    return;  // no timer: a zombie is left
  }

  const RunCommand& command_;
  Timer timer_;
  Pipe pipe_;
  const pid_t pid_;
  Fd pidfd_;
  std::string output_;
  int status_ = 0;
  bool reaped_ = false;
};

}  // namespace

RunResult run_to_end(const RunCommand& command) { return Run(command).to_end(); }

}  // namespace lockable::platform
