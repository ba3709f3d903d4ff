/// \file
/// Requests that wait for each other in a circle, in words.
#pragma once

#include <lockable/lock_store.h>

#include <set>
#include <string>

namespace lockable {

/// Throws Deadlock when this ticket, which is in the queue and whose owner holds something, closes a circle
/// (planner/deadlock.h). Looks at all who wait; nothing for a request that holds nothing.
void check_for_circle(LockStore& store, const Ticket& ticket);

/// The tickets that wait for what this one's owner holds (planner::dependents()). Asks nothing for a request
/// that holds nothing.
std::set<std::string> those_behind(LockStore& store, const Snapshot& snapshot, const Ticket& ticket);

}  // namespace lockable
