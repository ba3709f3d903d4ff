/// \file
/// One request on its way to its resources: ask the planner, commit to the store, wait, repeat. The only loop
/// that waits.
#pragma once

#include <lockable/lockable.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockable {

struct Granted {
  std::vector<std::unique_ptr<Lease>> leases;  ///< in the order of the wants
  std::vector<std::string> alloc_ids;
};

/// Gives back what nobody has used, and wakes those who can go on with it.
void give_back(LockStore& store, Granted& granted) noexcept;

struct Request {
  LockStore* store = nullptr;        ///< not owned
  const Options* options = nullptr;  ///< clock, priority, on_waiting, interrupt_fd; not owned
  Json requirements;                 ///< for messages, secrets already hidden
  Json owner;                        ///< Hold::owner
  std::chrono::nanoseconds timeout{0};
  BootClock::time_point started;  ///< when the request was made: the timeout counts from here
  /// What would do now. Called in every round, and once more with what a request that waited is granted still
  /// to be returned; `first` in the first round, where it may throw that nothing will ever do.
  std::function<Wants(bool first)> wants;
  /// Called with what was granted for which wants, before acquire() returns it; the request has left the
  /// queue then. When it is false it has given everything back, and the request goes on in its old place:
  /// until the timeout, or, when that is 0, as often as there are candidates. May throw, with everything
  /// given back. May be empty.
  std::function<bool(Granted&, const Wants&)> examine = {};
};

/// Blocks until granted. Throws AllocationTimeout, Deadlock, Interrupted, StoreError, and what `wants` and
/// on_waiting throw; then nothing is held and the queue is left.
Granted acquire(const Request& request);

/// The moment that is `timeout` after `start`, without overflow; a negative timeout is 0.
BootClock::time_point deadline_after(BootClock::time_point start, std::chrono::nanoseconds timeout);

}  // namespace lockable
