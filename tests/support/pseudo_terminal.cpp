#include "support/pseudo_terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

namespace lockable::testing {

AtTerminal::AtTerminal(const Command& command, unsigned short columns) {
  PreparedCommand prepared(command);
  winsize size{40, columns, 0, 0};
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("forkpty failed");
  if (pid_ == 0) prepared.become();
}

AtTerminal::~AtTerminal() {
  ::close(fd_);  // hangs up: SIGHUP to the session
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void AtTerminal::type(const std::string& text) {
  if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("cannot type");
}

bool AtTerminal::read_some(std::chrono::milliseconds limit) {
  pollfd polled{fd_, POLLIN, 0};
  if (::poll(&polled, 1, static_cast<int>(limit.count())) <= 0) return true;
  char buffer[4096];
  const ssize_t got = ::read(fd_, buffer, sizeof buffer);
  if (got <= 0) return false;
  shown_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

void AtTerminal::await_screen(const std::string& text, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (shown_.find(text) == std::string::npos) {
    const bool open = read_some(std::chrono::milliseconds(50));
    if ((!open && shown_.find(text) == std::string::npos) || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the screen never showed '" + text + "' but:\n" + shown_);
  }
}

int AtTerminal::wait() {
  while (read_some(std::chrono::seconds(30))) {
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace lockable::testing
