/// \file
/// Signals as events of a descriptor (signalfd(2)), so that one wait covers them too.
#pragma once

#include <signal.h>

#include <vector>

#include "platform/fd.h"

namespace lockable::platform {

/// Collects signals instead of letting them act on this process; the destructor restores the mask. Signals
/// that were ignored when this process started stay ignored (nohup(1)), but for SIGCHLD. For single-threaded
/// programs; one at a time.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Collects these from now on. Throws SystemError.
  void collect(const std::vector<int>& signals);
  /// Readable when a signal has come.
  int fd() const { return fd_.get(); }
  /// Those that came, in no particular order; never waits.
  std::vector<int> take();
  /// The mask as it was before: what a child is to start with.
  const sigset_t& original_mask() const { return original_; }

 private:
  PrivateFd fd_;
  sigset_t original_;
  sigset_t collected_;
};

/// Undoes that whoever started us ignores SIGCHLD: the system would not tell us how our children end.
void expect_children() noexcept;

/// From now on what cannot be written fails instead of ending this process: to a pipe that nobody reads
/// (SIGPIPE), to a file larger than allowed (SIGXFSZ, see setrlimit(2)).
void ignore_write_signals() noexcept;
/// As it was before; for a child, between fork and exec.
void restore_write_signals() noexcept;

/// While it lives, writing to a connection that the other side closed raises no SIGPIPE on this thread. For
/// code that may write without saying so (TLS libraries do). Leaves a SIGPIPE that was pending before.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal();
  ~NoBrokenPipeSignal();
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

 private:
  bool was_pending_ = false;
  sigset_t before_;
};

}  // namespace lockable::platform
