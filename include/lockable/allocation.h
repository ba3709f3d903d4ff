/// \file
/// One resource held for one request.
#pragma once

#include <lockable/clock.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lockable {

using Json = nlohmann::json;

/// How the use of a resource went.
enum class Outcome { kUnknown, kSuccess, kFailure };

/// Owns the hold on one resource: the destructor releases it. Move-only. One thread at a time may use it;
/// different allocations are independent. It outlives the Lockable that made it. In a forked child the
/// allocation is its parent's: destroying it there releases nothing.
///
/// Only lost() and unlock() touch the lock store; nothing here waits.
class Allocation {
 public:
  Allocation(Allocation&&) noexcept;
  /// Releases what it held before.
  Allocation& operator=(Allocation&&) noexcept;
  ~Allocation();

  /// The resource as the inventory had it when it was allocated: a JSON object, secrets included. It is this
  /// allocation's own copy; asking it for a key it does not have, `resource_info()["serial"]`, gives null.
  Json& resource_info();
  const Json& resource_info() const;
  /// The same with `***` in the place of secret values (Options::secret_keys): for logs and reports.
  Json public_info() const;
  /// The id as text, also where the inventory has an integer.
  const std::string& resource_id() const;
  /// The value at a key or dotted path, null when there is none.
  Json get(const std::string& path) const;

  /// The query that this resource was allocated for, as stated (a JSON object).
  const Json& requirements() const;
  /// `$as` of the query (with its number under `$count`), or empty.
  const std::string& role() const;
  /// Unique for each allocation; the lock store shows the resource held under it.
  const std::string& alloc_id() const;
  /// Grows with each allocation of this resource: whoever guards the hardware can refuse an older one.
  std::uint64_t fencing_token() const;
  /// The last holder died without releasing: the hardware may be in any state.
  bool previous_owner_died() const;
  /// True when this is the allocation of a surrounding program (`lockable`, lockable_add_test) which we use
  /// while it lasts.
  bool adopted() const;
  /// URI of the store that holds it.
  const std::string& store() const;

  /// How long the request waited.
  std::chrono::nanoseconds allocation_queue_time() const;
  /// When it was granted.
  WallTime allocation_start_time() const;
  /// When it was released; empty while it is held.
  std::optional<WallTime> release_time() const;
  /// How long it has been, or was, held.
  std::chrono::nanoseconds allocation_duration() const;

  /// True once the lock is known not to be ours any more: the hardware may be used by somebody else. Stays
  /// true. Once released: whether it was so before.
  bool lost() const;
  /// Until then nobody else can have got it, whatever happens to this process or the connection to the store.
  /// It moves on while the store hears from us; `max()` where a lock lasts as long as its process (files).
  /// Whatever uses the resource must have ended by then: look again in time.
  BootClock::time_point held_until() const noexcept;
  /// How its use went, for Options::quarantine_after: counted when it is released, the last call counts.
  /// `what` names the test or command that failed, for people. Without a call nothing is counted. An adopted
  /// allocation leaves that to its owner.
  void note_outcome(Outcome outcome, const std::string& what = "");
  /// Releases now. Throws Error when it was released before.
  void unlock();

  class Impl;  // internal to src/allocation
  explicit Allocation(std::unique_ptr<Impl> impl);

 private:
  friend Json for_children(const Allocation& allocation);
  friend void leave_reserved(Allocation& allocation, const Json& owner);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockable
