#include "platform/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "platform/file.h"

namespace lockable::platform {
namespace {

bool ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

struct WriteSignal {
  int number;
  bool ignoring;
  struct sigaction before;
};
WriteSignal write_signals[] = {{SIGPIPE, false, {}}, {SIGXFSZ, false, {}}};

bool broken_pipe_pending() {
  sigset_t pending;
  return ::sigpending(&pending) == 0 && ::sigismember(&pending, SIGPIPE) == 1;
}

sigset_t only_broken_pipe() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

void expect_children() noexcept { ::signal(SIGCHLD, SIG_DFL); }

void ignore_write_signals() noexcept {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (WriteSignal& signal : write_signals)
    signal.ignoring = ::sigaction(signal.number, &ignore, &signal.before) == 0;
}

void restore_write_signals() noexcept {
  for (const WriteSignal& signal : write_signals)
    if (signal.ignoring) ::sigaction(signal.number, &signal.before, nullptr);
}

Signals::Signals() {
  ::sigemptyset(&collected_);
  ::sigprocmask(SIG_BLOCK, nullptr, &original_);
  fd_ = PrivateFd(Fd(::signalfd(-1, &collected_, SFD_CLOEXEC | SFD_NONBLOCK)));
  if (!fd_) throw_errno("cannot collect signals");
}

Signals::~Signals() { ::sigprocmask(SIG_SETMASK, &original_, nullptr); }

void Signals::collect(const std::vector<int>& signals) {
  for (const int signal : signals) {
    if (signal == SIGCHLD) expect_children();
    if (!ignored(signal)) ::sigaddset(&collected_, signal);
  }
  if (::sigprocmask(SIG_BLOCK, &collected_, nullptr) != 0 || ::signalfd(fd_.get(), &collected_, 0) < 0)
    throw_errno("cannot collect signals");
}

std::vector<int> Signals::take() {
  std::vector<int> result;
  signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    result.push_back(static_cast<int>(info.ssi_signo));
  return result;
}

NoBrokenPipeSignal::NoBrokenPipeSignal() : was_pending_(broken_pipe_pending()) {
  const sigset_t pipe = only_broken_pipe();
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

NoBrokenPipeSignal::~NoBrokenPipeSignal() {
  const sigset_t pipe = only_broken_pipe();
  const timespec at_once{};
  if (!was_pending_ && broken_pipe_pending()) ::sigtimedwait(&pipe, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace lockable::platform
