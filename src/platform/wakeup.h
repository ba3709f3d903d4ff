/// \file
/// Waiting for something to happen: the one place that calls poll(2).
#pragma once

#include <lockable/clock.h>

#include <string>
#include <vector>

#include "platform/fd.h"

namespace lockable::platform {

/// Blocks until one of the descriptors is readable or `until` has come, on a clock that goes on while the
/// machine sleeps (timerfd_create(2), CLOCK_BOOTTIME). Descriptors of -1 are ignored. True when one is
/// readable. Signals do not end it.
class Timer {
 public:
  Timer();
  bool wait_readable(const std::vector<int>& fds, BootClock::time_point until);

 private:
  PrivateFd timer_;
};

/// One descriptor that is readable when any of several is (epoll(7)).
class AnyOf {
 public:
  AnyOf();
  /// `fd` must stay open as long as this.
  void add(int fd);
  int fd() const { return fd_.get(); }

 private:
  PrivateFd fd_;
};

/// A descriptor that another thread makes readable (eventfd(2)). Any thread.
class Bell {
 public:
  Bell();
  int fd() const { return fd_.get(); }
  void ring() noexcept;
  void clear() noexcept;

 private:
  PrivateFd fd_;
};

/// Whether it is readable now.
bool readable(int fd);
/// Reads away whatever a non-blocking descriptor has.
void drain(int fd) noexcept;

/// Tells of changes in folders (inotify(7)): a file removed or renamed, or closed after it was open for
/// writing. One thread at a time. Closing one waits for the kernel (5 to 20 ms were seen): keep it for the
/// next use where time matters.
class FolderWatch {
 public:
  /// Empty when the system has none left (fs.inotify.max_user_instances) or none at all.
  static FolderWatch try_open();
  explicit operator bool() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }
  /// False when the folder cannot be watched.
  bool add(const std::string& folder) noexcept;
  struct Change {
    std::string name;
    bool closed = false;  ///< by somebody who could write to it; else removed or renamed
  };
  /// What changed since last time. Never waits.
  std::vector<Change> changes();
  /// Watches no folder any more, and forgets what changed.
  void clear() noexcept;

 private:
  PrivateFd fd_;
  std::vector<int> folders_;  // watch descriptors
};

}  // namespace lockable::platform
