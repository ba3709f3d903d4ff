#include "platform/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <initializer_list>

namespace lockable::platform {

Terminal Terminal::of_standard_input() {
  Terminal terminal;
  terminal.there_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) >= 0;
  return terminal;
}

bool Terminal::ours() const { return there_ && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

void Terminal::give_to(pid_t group) const noexcept {
  if (!there_) return;
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTTOU);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  ::tcsetpgrp(STDIN_FILENO, group);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

void Terminal::take_back() const noexcept { give_to(::getpgrp()); }

bool standard_error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool standard_output_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

namespace {

winsize terminal_size() {
  winsize size{};
  for (const int stream : {STDERR_FILENO, STDOUT_FILENO})
    if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size;
  return {};
}

}  // namespace

std::size_t terminal_width() {
  const winsize size = terminal_size();
  return size.ws_col > 0 ? size.ws_col : 80;
}

std::size_t terminal_height() {
  const winsize size = terminal_size();
  return size.ws_row > 0 ? size.ws_row : 24;
}

void occupy_standard_streams() noexcept {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0)
      ::open("/dev/null", O_RDWR | O_CLOEXEC);  // takes the lowest free number
}

}  // namespace lockable::platform
