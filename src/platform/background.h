/// \file
/// Work on a thread of its own, for as long as somebody wants its result.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "platform/wakeup.h"

namespace lockable::platform {

/// One piece of work under way. The destructor asks it to stop and waits until it has, so that no thread
/// outlives its purpose (a program that forks should have none). No signal is ever handled on the thread. The
/// destructor may run on any thread but the work's own.
class Background {
 public:
  /// `work` must not throw, and return soon once `stop_fd` is readable. Throws SystemError when the system
  /// has no thread left.
  explicit Background(std::function<void(int stop_fd)> work);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool done() const { return done_; }

 private:
  Bell stop_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace lockable::platform
