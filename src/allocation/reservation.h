/// \file
/// Taking a resource out of service: holding it for a person, not for a program.
#pragma once

#include <lockable/allocation.h>

namespace lockable {

/// Gives the allocation up and leaves a reservation in its place, at one stroke (Lease::leave_reserved()):
/// `owner` says whose it is, until when and why (Hold::owner). Does not wait. Throws LockLost when the lock
/// is not ours any more, StoreError when the reservation could not be written (the allocation then stays),
/// Error for an allocation that was released, or is another program's.
void leave_reserved(Allocation& allocation, const Json& owner);

}  // namespace lockable
