/// \file
/// Using the allocation of a surrounding program while it lasts, instead of one of our own.
///
/// One program at a time uses such an allocation; others queue for it, in the same store, for a resource of
/// its own named `adoption/<handle>`. It counts only while the store shows the resource held under the
/// alloc_id that we were told.
#pragma once

#include <lockable/lockable.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockable {

/// What an adopting request needs to know about its Lockable.
struct Adopter {
  const Options* options;
  std::shared_ptr<LockStore> store;
  std::shared_ptr<const std::vector<std::string>> secret_keys;
};

/// Serves all the requirements (defaults added) from surrounding allocations, or returns nothing: there are
/// none, or they do not fit, or are not held any more, or this process uses them already. Waits at most until
/// the timeout for another program that uses them; throws AllocationTimeout then. Where a fixture that this
/// process requires was skipped or has lost what it held: FixtureSkipped, LockLost.
std::optional<std::vector<Allocation>> adopt(const Adopter& adopter, const Requirements& complete,
                                             BootClock::time_point started, std::chrono::nanoseconds timeout);

}  // namespace lockable
