/// \file
/// The allocations that a surrounding program (`lockable`, lockable_add_test) hands to the programs it
/// starts, in the environment variable LOCKABLE_ALLOCATIONS, or, when longer than 64 KiB, in the file that
/// LOCKABLE_ALLOCATIONS_FILE names; and those that fixtures of CTest hold for it (allocation/fixture.h).
///
/// The value is a JSON array; each element an object:
///   `alloc_id`, `handle` (under which one program at a time adopts it), `resource_id`, `role` (strings),
///   `resource` (the resource's object, secrets included), `requirements` (object), `store` (URI),
///   `fencing_token` (integer), `queue_time_ms` (number), `start_time` (ISO 8601, UTC).
#pragma once

#include <lockable/lockable.h>

#include <vector>

namespace lockable {

/// The element that tells a child about this allocation.
Json for_children(const Allocation& allocation);

/// Whether that is such an element.
bool describes_allocation(const Json& element);

/// What the environment of this process says, fixtures first; elements that are malformed are left out. Reads
/// the environment anew.
std::vector<Json> surrounding_allocations();

/// A view of an allocation that another process holds and releases, our parent for instance, from its
/// element. It takes no lock, and releasing it does nothing. Throws Error when the element is malformed.
Allocation borrow(const Json& element, const Options& options);

}  // namespace lockable
