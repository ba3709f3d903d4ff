#include "allocation/circle.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <set>

#include "allocation/owner.h"
#include "json/one_line.h"
#include "planner/deadlock.h"

namespace lockable {
namespace {

std::string describe(const std::vector<planner::Link>& links) {
  std::string text =
      "this request can never be served, since it closes a circle of requests that wait for each other: ";
  for (std::size_t i = 0; i < links.size(); ++i) {
    const Hold& hold = *links[i].hold;
    const Ticket& next = *links[(i + 1) % links.size()].ticket;
    const std::string who = i == 0 ? "it waits for " : ", which waits for ";
    text += fmt::format(
        "{}{}, which is held by {}", who, hold.resource_id,
        &next == links.front().ticket ? "its own side: " + who_is(hold.owner) : who_is(hold.owner));
  }
  return one_line(text) +
         ". Ask for all that is needed at once (lock_many, or several --requirements), or in the same order "
         "everywhere";
}

}  // namespace

void check_for_circle(LockStore& store, const Ticket& ticket) {
  if (ticket.holding.empty()) return;
  const std::vector<Ticket> queue = store.queue();
  std::set<std::string> ids;
  for (const Ticket& other : queue)
    if (!other.holding.empty())
      for (const Want& want : other.wants) ids.insert(want.candidates.begin(), want.candidates.end());
  std::vector<Hold> holds;
  for (const std::string& id : ids)
    for (Hold& hold : store.holders(id)) holds.push_back(std::move(hold));
  const auto links = planner::find_circle(queue, holds, ticket.id);
  if (links.empty()) return;
  if (planner::closer_of(links) == ticket.id) throw Deadlock(describe(links));
  store.wake({planner::closer_of(links)});  // it finds out by itself
}

std::set<std::string> those_behind(LockStore& store, const Snapshot& snapshot, const Ticket& ticket) {
  if (ticket.holding.empty() || snapshot.queue.size() < 2) return {};
  std::vector<Hold> holds;
  for (const Held& held : snapshot.held)
    for (Hold& hold : store.holders(held.resource_id)) holds.push_back(std::move(hold));
  return planner::dependents(snapshot.queue, holds, ticket.id);
}

}  // namespace lockable
