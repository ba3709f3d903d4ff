/// \file
/// Requests that wait for each other in a circle, in words.
#pragma once

#include <lockable/lock_store.h>

namespace lockable {

/// Throws Deadlock when this ticket, which is in the queue and whose owner holds something, closes a circle
/// (planner/deadlock.h). Looks at all who wait; nothing for a request that holds nothing.
void check_for_circle(LockStore& store, const Ticket& ticket);

}  // namespace lockable
