#include "platform/left_behind.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "platform/child.h"
#include "platform/fd.h"
#include "platform/file.h"
#include "platform/signals.h"

namespace lockable::platform {
namespace {

void let_go_of_streams() {
  std::fflush(nullptr);
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) throw_errno("cannot open /dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::dup2(null.get(), fd) < 0) throw_errno("cannot let go of the standard streams");
}

[[noreturn]] void go_on(const std::function<int(const Ready&)>& work, Fd report) {
  ::setsid();
  const int exit_code = work([&report] {
    let_go_of_streams();
    const char ready = 1;
    if (::write(report.get(), &ready, sizeof ready) != sizeof ready) throw_errno("nobody waits for us");
    report.reset();
  });
  std::fflush(nullptr);
  ::_exit(exit_code);
}

bool is_ready(int report) {
  char ready = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &ready, sizeof ready);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof ready);
}

}  // namespace

int leave_behind(const std::function<int(const Ready&)>& work) {
  expect_children();
  Pipe report = make_pipe();
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw_errno("cannot start a process");
  if (pid == 0) {
    report.read.reset();
    go_on(work, std::move(report.write));
  }
  report.write.reset();
  if (is_ready(report.read.get())) return 0;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) throw_errno("cannot wait for a process");
  return exit_code_of(status);
}

bool nobody_reads_errors() noexcept {
  pollfd polled{STDERR_FILENO, 0, 0};
  return ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLERR) != 0;
}

}  // namespace lockable::platform
