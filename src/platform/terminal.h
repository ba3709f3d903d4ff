/// \file
/// The controlling terminal: which process group reads it and gets its ^C (tcsetpgrp(3)).
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace lockable::platform {

/// Stands for standard input when it is a terminal that this process controls. Does not own it. With no
/// terminal every call does nothing.
class Terminal {
 public:
  /// Is standard input our controlling terminal? Else there is none.
  static Terminal of_standard_input();

  explicit operator bool() const { return there_; }
  /// Our process group is the one in the foreground.
  bool ours() const;
  /// Puts a process group in the foreground. Allowed from the background too: SIGTTOU is blocked meanwhile.
  void give_to(pid_t group) const noexcept;
  /// Puts our own process group in the foreground.
  void take_back() const noexcept;

 private:
  bool there_ = false;
};

/// Whether standard error is a terminal.
bool standard_error_is_terminal();
bool standard_output_is_terminal();
/// Columns of the terminal that is standard error, else of the one that is standard output; 80 when it does
/// not say.
std::size_t terminal_width();
/// The same for its lines; 24 when it does not say.
std::size_t terminal_height();

/// Opens /dev/null, close-on-exec, in the place of each standard stream that is closed: nothing we open
/// later, a lock file say, can be taken for one. A child started by exec finds them closed as before.
void occupy_standard_streams() noexcept;

}  // namespace lockable::platform
