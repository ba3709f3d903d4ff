/// \file
/// This process in the eyes of the cluster: a lease of etcd's, kept alive by a thread. All that the process
/// holds, and its places in the queue, hang on it and go with it.
#pragma once

#include <lockable/clock.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "platform/background.h"
#include "platform/wakeup.h"
#include "stores/etcd/gateway.h"

namespace lockable::etcd {

/// Any thread may call. A forked child has none: there it is as if it had ended.
class Session {
 public:
  /// Asks for the lease: blocks until the cluster answers, as long as Gateway::commit() with `patience`.
  Session(std::shared_ptr<Gateway> gateway, std::chrono::seconds time, std::chrono::nanoseconds patience);
  /// Gives the lease back when the cluster can be asked at once.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::int64_t lease() const { return lease_; }
  /// Before that the cluster cannot have ended the lease. Reckoned from when we asked for it last, so that no
  /// delay of the answer counts.
  BootClock::time_point held_until() const { return held_until_.load(); }
  /// From then on nothing of this process can be relied on. Stays true: a process that slept too long never
  /// comes back to what it held.
  bool ended() const;
  /// To be carried out as soon as the cluster can be asked, until the lease ends.
  void later(Json transaction);

 private:
  void keep_alive(int stop_fd);
  void renew();
  std::int64_t ask_for_more(
      BootClock::time_point deadline);  // the seconds granted; 0: there is no such lease
  void catch_up();

  const std::shared_ptr<Gateway> gateway_;
  const int owner_pid_;
  std::int64_t lease_ = 0;
  std::chrono::nanoseconds time_{0};
  std::atomic<BootClock::time_point> held_until_;
  mutable std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::vector<Json> waiting_;  // transactions, in order
  platform::Bell news_;
  std::unique_ptr<platform::Background> thread_;
};

}  // namespace lockable::etcd
