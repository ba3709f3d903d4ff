/// \file
/// The heart: who gets what now. A pure function: no I/O, no clock, no memory; the same tickets and holds
/// always give the same answer, so that every process comes to the same decision by itself.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <vector>

namespace lockable::planner {

/// A ticket that can be served now, and what it gets: one resource for each of its wants, in their order.
struct Grant {
  std::string ticket_id;
  std::vector<std::string> resource_ids;
};

/// Decides all that can be granted now. `queue` in order of rank, `held` sorted (Snapshot).
/// - First come first served: a ticket that can be served gets its resources before any later one is looked
/// at.
/// - All or none, by matching: a request that can be served is never called impossible because of a greedy
/// choice.
/// - A ticket that cannot be served yet keeps what it could use: later ones get only resources it has no use
/// for. So a
///   request for several is not passed over for ever by many small ones.
/// - Where resources must agree (Want::same) all of a ticket's do; it keeps those of the groups only that
/// could serve it.
/// - Work-conserving otherwise: it blocks nobody who wants something else.
std::vector<Grant> plan(const std::vector<Ticket>& queue, const std::vector<std::string>& held);

/// The grant of one ticket of a plan, or nullptr.
const Grant* find_grant(const std::vector<Grant>& grants, const std::string& ticket_id);

/// What the wants get with all resources free: one for each, or nothing at all when they cannot be met.
std::vector<std::string> best(const std::vector<Want>& wants);

/// Whether the wants could be met with all resources free.
bool possible(const std::vector<Want>& wants);

}  // namespace lockable::planner
