/// \file
/// The heart: who gets what now. A pure function: no I/O, no clock, no memory; the same snapshot always gives
/// the same answer, so that every process comes to the same decision by itself.
#pragma once

#include <lockable/lock_store.h>

#include <functional>
#include <string>
#include <vector>

namespace lockable::planner {

/// A ticket that can be served now, and what it gets: one resource for each of its wants, in their order.
struct Grant {
  std::string ticket_id;
  std::vector<std::string> resource_ids;
};

/// So much later at most may others have come that go before a request which could use what they get.
constexpr std::chrono::nanoseconds kPatience = std::chrono::minutes(1);

/// Decides all that can be granted now.
/// - First come first served: tickets are served in order of rank, and none takes from another one ahead of
///   it what that one could use, but for the next rule.
/// - The least wanted: a request for one of several resources takes the one that is least wanted by all who
///   wait (scarcity(), planner/kinds.h), then the longest unused. While that one is held it lets those have
///   another one who can use nothing else, if they came within kPatience of it; if nobody wants it, it takes
///   it.
/// - Work-conserving: what is free and wanted is given, unless kept for a ticket ahead.
/// - All or none, by matching: a request that can be served is never called impossible because of a greedy
///   choice, neither its own nor that of another one.
/// - A ticket for several, or for slots, that cannot be served yet keeps what it could use: later ones get
///   only what it has no use for. So does one that waits until all slots of a resource are given back.
/// - Where resources must agree (Want::same) all of a ticket's do; it keeps those of the groups only that
///   could serve it.
/// - What suits better (Want::ranks) is preferred, where that costs nobody else theirs.
/// - Slots come from resources already shared where that is possible, so that others stay whole.
std::vector<Grant> plan(const Snapshot& snapshot);

/// The grant of one ticket of a plan, or nullptr.
const Grant* find_grant(const std::vector<Grant>& grants, const std::string& ticket_id);

/// What the wants get with all resources free: one for each, or nothing at all when they cannot be met.
std::vector<std::string> best(const Wants& wants);

/// Whether the wants could be met with all resources free.
bool possible(const Wants& wants);

/// The want with only those of its candidates that `keep` says.
Want narrowed(const Want& want, const std::function<bool(const std::string& id)>& keep);

}  // namespace lockable::planner
