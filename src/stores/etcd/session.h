/// \file
/// This process in the eyes of the cluster: a lease of etcd's, kept alive by a thread. All that the process
/// holds, and its places in the queue, hang on it and go with it.
#pragma once

#include <lockable/clock.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/background.h"
#include "platform/shared_memory.h"
#include "platform/wakeup.h"
#include "platform/watchdog.h"
#include "stores/etcd/gateway.h"

namespace lockable::etcd {

struct SessionOptions {
  std::chrono::nanoseconds time{0};  ///< of the lease; whole seconds
  bool watchdog = false;             ///< StoreOptions::watchdog
  Guard guard;                       ///< StoreOptions::guard
  std::function<void(const std::string& why)> on_lost;

  /// So long a call goes on trying: an election must fit in.
  std::chrono::nanoseconds patience() const {
    return std::max<std::chrono::nanoseconds>(time, std::chrono::seconds(10));
  }
};

/// Any thread may call. A forked child has none: there it is as if it had ended.
class Session {
 public:
  /// Asks for the lease: blocks until the cluster answers, at most as long as `options.patience()`.
  Session(std::shared_ptr<Gateway> gateway, SessionOptions options);
  /// When anything may still hang on the lease it is given back, if the cluster can be asked at once.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::int64_t lease() const { return lease_; }
  /// Well before the cluster can end the lease. Reckoned from when we asked for it last, so that no delay of
  /// the answer counts. A forked child of ours sees it move on.
  BootClock::time_point held_until() const noexcept;
  /// To be called before anything is held under it (StoreOptions::watchdog, StoreOptions::guard); a second
  /// time does nothing. Throws SystemError, and what StoreOptions::guard throws.
  void guard();
  /// One more, or one less, is held under it.
  void hold() noexcept;
  void give_up() noexcept;
  /// From then on nothing of this process can be relied on. Stays true: a process that slept too long never
  /// comes back to what it held.
  bool ended() const;
  /// To be carried out as soon as the cluster can be asked, until the lease ends.
  void later(std::string transaction);

 private:
  struct Words {
    std::atomic<std::int64_t> until{0};  // of BootClock
    std::atomic<int> holds{0};
  };

  static BootClock::time_point until(const Words& words);
  Words& words() const { return **shared_; }
  platform::WatchdogOrders orders(const HeldUntil& held_until) const;
  void keep_alive(int stop_fd);
  void extend(BootClock::time_point asked, std::chrono::nanoseconds granted) noexcept;
  void renew();
  std::int64_t ask_for_more(
      BootClock::time_point deadline);  // the seconds granted; 0: there is no such lease
  void catch_up();

  const std::shared_ptr<Gateway> gateway_;
  const int owner_pid_;
  const SessionOptions options_;
  std::int64_t lease_ = 0;
  const std::shared_ptr<platform::Shared<Words>> shared_ = std::make_shared<platform::Shared<Words>>();
  mutable std::atomic<bool> ended_{false};
  std::mutex mutex_;  // of all below
  bool guarded_ = false;
  std::vector<std::string> waiting_;  // transactions, in order
  platform::Bell news_;
  std::unique_ptr<platform::Watchdog> watchdog_;
  std::unique_ptr<platform::Background> thread_;
};

}  // namespace lockable::etcd
