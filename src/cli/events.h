/// \file
/// What can happen to `lockable` from outside: signals, and the death of its parent.
#pragma once

#include <vector>

#include "platform/child.h"
#include "platform/signals.h"
#include "platform/wakeup.h"

namespace lockable::cli {

/// Collects SIGHUP, SIGINT, SIGQUIT and SIGTERM from its construction on.
class Events {
 public:
  explicit Events(bool watch_parent);

  /// From now on also those that are passed on to the command, and SIGCHLD.
  void collect_for_command();
  /// Readable when something happened.
  int fd() const { return any_.fd(); }
  std::vector<int> take_signals() { return signals_.take(); }
  bool parent_died() const { return platform::readable(parent_.get()); }
  const sigset_t& original_mask() const { return signals_.original_mask(); }

 private:
  platform::Signals signals_;
  platform::Fd parent_;
  platform::AnyOf any_;
};

}  // namespace lockable::cli
