/// \file
/// A process of its own that ends others when their time is over, also while this one is stopped or gone.
#pragma once

#include <lockable/clock.h>
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <string>

#include "platform/fd.h"
#include "platform/shared_memory.h"

namespace lockable::platform {

/// What a watchdog is to do. Whom it ends, it ends with SIGKILL.
struct WatchdogOrders {
  /// When: the moment may move on, `max` is never. Called in the watchdog, where it sees what this process
  /// puts into SharedMemory, and all else as it was at the start. Must not throw, nor allocate
  /// (process_table.h).
  std::function<BootClock::time_point()> until;
  /// Whether it ends this process with all that descend from it, or those alone. Once we are gone it has
  /// nothing more to do in the first case, in the second it stays for the group and the mark.
  bool ends_us = false;
  /// A line for standard error, told before it ends them.
  std::string message;
};

/// Lives in a session of its own, has nothing of ours open but standard error, is no child of ours, and ends
/// with this object or, see above, with this process. To be destroyed by the process that made it; a forked
/// child must leave it alone. One thread at a time.
class Watchdog {
 public:
  /// Forks: this process may have threads. Throws SystemError.
  explicit Watchdog(WatchdogOrders orders);
  /// Waits until it is gone; one that is stopped it ends.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  int pid() const noexcept { return shared_->pid; }
  /// A process group that it ends as well.
  void watch_group(pid_t group) noexcept { shared_->group = group; }
  /// Whoever has this text in its environment as it was started with (proc(5), `environ`) descends from us,
  /// whatever has become of its parents. To be said once. Throws SystemError for one of kMostMark or more.
  void watch_marked(const std::string& mark);
  static constexpr std::size_t kMostMark = 4096;

 private:
  friend class Watch;
  struct Words {
    std::atomic<int> pid{0};
    std::atomic<int> group{0};
    std::atomic<std::size_t> mark_length{0};
    char mark[kMostMark]{};
  };
  Shared<Words> shared_;
  Fd stop_;  // eventfd(2): our death is no word of ours
};

}  // namespace lockable::platform
