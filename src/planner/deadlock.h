/// \file
/// Requests that wait for each other in a circle. Pure, as the planner.
#pragma once

#include <lockable/lock_store.h>

#include <set>
#include <string>
#include <vector>

namespace lockable::planner {

/// A request of a circle, and what it waits for that the next one holds. The last one waits for the first.
struct Link {
  const Ticket* ticket;  ///< in `queue`
  const Hold* hold;      ///< in `holds`: in the way of `ticket`, held by the next one
};

/// A circle that the request `id` is part of, starting with it; empty when there is none. A request is stuck
/// when it cannot be served although everybody gives back what they hold but those who are stuck themselves
/// (Ticket::holding).
///
/// `queue`: all tickets that hold something. `holds`: what is held of all that they want.
std::vector<Link> find_circle(const std::vector<Ticket>& queue, const std::vector<Hold>& holds,
                              const std::string& id);

/// The tickets that cannot be served before the request `id` gives back what it holds, whatever all others
/// give back. They stand behind it, whatever their rank: what it leaves to them nobody could take.
///
/// `holds`: what is held of all that `queue` wants.
std::set<std::string> dependents(const std::vector<Ticket>& queue, const std::vector<Hold>& holds,
                                 const std::string& id);

/// The request that closed it: of the circle the one with the latest id. So that only one of them fails,
/// whoever looks.
const std::string& closer_of(const std::vector<Link>& circle);

}  // namespace lockable::planner
