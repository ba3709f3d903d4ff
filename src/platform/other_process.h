/// \file
/// A process that need not be our child, held by more than its number (pidfd_open(2)).
#pragma once

#include <optional>

#include "platform/fd.h"

namespace lockable::platform {

/// Stands for one process even when its number has gone to another one. Move-only. Throws nothing but where
/// said.
class OtherProcess {
 public:
  /// Empty when there is none of that number. Throws SystemError when the system cannot do it.
  static std::optional<OtherProcess> open(int pid);

  int pid() const { return pid_; }
  /// Readable once it has ended.
  int fd() const { return fd_.get(); }
  bool ended() const;
  enum class Sent { kYes, kGone, kForbidden };
  /// SIGTERM; a stopped one is continued, so that it gets that.
  Sent ask_to_end() const noexcept;
  Sent kill() const noexcept;

 private:
  Sent signal(int signal) const noexcept;
  OtherProcess(int pid, Fd fd) : pid_(pid), fd_(std::move(fd)) {}
  int pid_;
  Fd fd_;
};

}  // namespace lockable::platform
