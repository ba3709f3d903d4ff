/// \file
/// A terminal that a test sits at (pty(7)): what a person types and sees.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/process.h"

namespace lockable::testing {

/// A process that leads a session on a terminal of its own. The destructor kills the whole session's
/// foreground group and the process.
class AtTerminal {
 public:
  explicit AtTerminal(const Command& command, unsigned short columns = 200);
  ~AtTerminal();
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;

  void type(const std::string& text);
  /// Reads until the screen has shown the text; throws after `limit`, with what it has shown.
  void await_screen(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(30));
  /// Forgets what was shown so far.
  void clear() { shown_.clear(); }
  const std::string& shown() const { return shown_; }
  /// Waits for the process's end; its exit code as a shell shows it.
  int wait();

 private:
  bool read_some(std::chrono::milliseconds limit);
  int fd_ = -1;
  pid_t pid_ = -1;
  std::string shown_;
};

}  // namespace lockable::testing
