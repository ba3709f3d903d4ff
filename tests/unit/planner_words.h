/// \file
/// Saying in few words what a planner is asked.
#pragma once

#include <lockable/lock_store.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "planner/planner.h"

namespace lockable::planner {

inline Ticket ticket(const std::string& id, Wants wants) {
  Ticket result;
  result.id = id;
  result.wants = std::move(wants);
  return result;
}

/// Tickets that came one second after the other.
inline Snapshot snapshot(std::vector<Ticket> queue, const std::vector<std::string>& held = {}) {
  Snapshot result;
  result.queue = std::move(queue);
  for (std::size_t i = 0; i < result.queue.size(); ++i)
    if (result.queue[i].rank.count() == 0) result.queue[i].rank = std::chrono::seconds(i);
  for (const std::string& id : held) result.held.push_back({id, 0});
  std::sort(result.held.begin(), result.held.end());
  return result;
}

using Decisions = std::map<std::string, std::vector<std::string>>;

inline Decisions decide(const Snapshot& asked) {
  Decisions result;
  for (const Grant& grant : plan(asked)) result[grant.ticket_id] = grant.resource_ids;
  return result;
}

inline Decisions decide(std::vector<Ticket> queue, const std::vector<std::string>& held) {
  return decide(snapshot(std::move(queue), held));
}

}  // namespace lockable::planner
