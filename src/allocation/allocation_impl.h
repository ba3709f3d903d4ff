/// \file
/// What an Allocation consists of.
#pragma once

#include <lockable/lockable.h>

#include <memory>
#include <string>
#include <vector>

#include "allocation/health.h"

namespace lockable {

class Allocation::Impl {
 public:
  Impl();
  ~Impl() { release(); }
  /// Gives the resource back and wakes who waits for it. A second call does nothing; in a forked child the
  /// resource is the parent's, and its threads may have left locked what the store would need.
  void release() noexcept;

  int owner_pid;
  std::shared_ptr<LockStore> store;  // outlives the lease
  std::unique_ptr<Lease> lease;      // null for an allocation that another process looks after
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<const std::vector<std::string>> secret_keys;
  Json resource_info;
  Json requirements;
  std::string resource_id;
  std::string role;
  std::string alloc_id;
  std::string handle;  // under which a child adopts it; one user at a time
  std::uint64_t fencing_token = 0;
  bool adopted = false;
  std::chrono::nanoseconds queue_time{0};
  BootClock::time_point granted_at;
  BootClock::time_point released_at;
  WallTime start_time;
  std::optional<WallTime> release_time;
  mutable bool lost = false;
  Use use;
};

}  // namespace lockable
