#include "platform/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>

#include "platform/folder.h"
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

constexpr int kFirstOther = STDERR_FILENO + 1;

// In the child: standard streams, and nothing else but `report`, whose number changes. Our own standard
// streams may be closed, and the pipes stand in their places.
void keep_only(int output, int& report) {
  const int out = ::fcntl(output, F_DUPFD_CLOEXEC, kFirstOther);
  report = ::fcntl(report, F_DUPFD_CLOEXEC, kFirstOther);
  const int in = ::fcntl(::open("/dev/null", O_RDONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, kFirstOther);
  if (out < 0 || report < 0 || in < 0) ::_exit(126);
  if (::dup2(in, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(out, STDERR_FILENO) < 0)
    ::_exit(126);
  const auto kept = static_cast<unsigned>(report);
  if (kept > kFirstOther) close_fds(kFirstOther, kept - 1);
  close_fds(kept + 1, ~0U);
}

// A handler of ours would run in the memory that the child shares with us until exec.
void forget_handlers() {
  struct sigaction action {};
  for (int signal = 1; signal < NSIG; ++signal) {
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_DFL ||
        action.sa_handler == SIG_IGN)
      continue;
    action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal, &action, nullptr);
  }
}

// In the child, between vfork and exec: system calls only, and nothing of ours is changed.
[[noreturn]] void become(const ChildCommand& command, char* const* argv, char* const* environment,
                         pid_t parent, int report) {
  ::setpgid(0, 0);
  command.terminal.give_to(::getpid());
  if (command.dies_with_us) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(128 + SIGKILL);
  }
  if (command.output >= 0) keep_only(command.output, report);
  restore_write_signals();
  forget_handlers();
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
  // vfork(2), not fork(2): to copy the tables of our memory, and then what both write to, is a good part of a
  // hand-over. POSIX allows nothing but exec after it, Linux system calls as well: become() makes no others.
  sigset_t all, mask;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &mask);
  // NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork)
  const pid_t pid = ::vfork();
  if (pid == 0) become(command, argv.data(), environment.data(), self, report.write.get());
  // NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork)
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  if (pid < 0) throw SystemError("cannot start a process", error);
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

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int Child::exit_code() const { return exit_code_of(status_); }

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

Fd watch_process(pid_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }
Fd watch_parent() { return watch_process(::getppid()); }

void become_command(std::vector<std::string> argv) {
  restore_write_signals();
  ::execvp(argv.front().c_str(), pointers(argv).data());
  throw_errno("cannot run " + argv.front());
}

void stop_self() { ::kill(::getpid(), SIGSTOP); }

}  // namespace lockable::platform
