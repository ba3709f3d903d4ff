#include "platform/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>

#include "platform/file.h"
#include "platform/identity.h"
#include "platform/signals.h"

namespace lockable::platform {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  return {Fd(fds[0]), Fd(fds[1])};
}

// In the child, between fork and exec: system calls only.
[[noreturn]] void become(const ChildCommand& command, char* const* argv, char* const* environment,
                         pid_t parent, int report) {
  ::setpgid(0, 0);
  command.terminal.give_to(::getpid());
  if (command.dies_with_us) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(128 + SIGKILL);
  }
  restore_broken_pipes();
  ::sigprocmask(SIG_SETMASK, &command.mask, nullptr);
  ::execvpe(argv[0], argv, environment);
  const int code = errno;
  if (::write(report, &code, sizeof code) < 0) ::_exit(126);
  ::_exit(127);
}

}  // namespace

Child Child::start(const ChildCommand& command) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = command.environment;
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> environment = pointers(variables);
  Pipe report = make_pipe();
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw_errno("cannot start a process");
  if (pid == 0) become(command, argv.data(), environment.data(), self, report.write.get());
  ::setpgid(pid, pid);  // both sides do it: whoever comes first
  command.terminal.give_to(pid);
  report.write.reset();
  int code = 0;
  ssize_t got = 0;
  do {
    got = ::read(report.read.get(), &code, sizeof code);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof code)) return Child(pid);
  ::waitpid(pid, nullptr, 0);
  command.terminal.take_back();
  throw SystemError("cannot run " + command.argv.front(), code);
}

void Child::signal(int signal) const noexcept { ::kill(-pid_, signal); }

Child::Change Child::change() {
  Change result = Change::kNone;
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (pid <= 0) return result;
    if (pid != pid_) continue;
    status_ = status;
    result = WIFSTOPPED(status) ? Change::kStopped : Change::kEnded;
  }
}

int Child::exit_code() const { return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_); }

void adopt_orphans() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

bool has_children() noexcept {
  for (;;) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid < 0) return errno != ECHILD;
    if (pid == 0) return true;
  }
}

std::vector<ProcessName> descendants() noexcept try {
  std::multimap<pid_t, ProcessName> children;
  for (const std::string& name : Folder::open("/proc").names()) {
    const int pid = std::atoi(name.c_str());
    if (const auto process = pid > 0 ? process_status(pid) : std::nullopt)
      if (!process->dead) children.emplace(process->parent, ProcessName{pid, process->name});
  }
  std::vector<ProcessName> result;
  std::vector<pid_t> parents{::getpid()};
  while (!parents.empty()) {
    const auto [first, last] = children.equal_range(parents.back());
    parents.pop_back();
    for (auto child = first; child != last; ++child) {
      parents.push_back(child->second.pid);
      result.push_back(child->second);
    }
  }
  return result;
} catch (const std::exception&) {
  return {};
}

Fd watch_parent() { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getppid(), 0))); }

void stop_self() { ::kill(::getpid(), SIGSTOP); }

}  // namespace lockable::platform
