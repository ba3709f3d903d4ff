#include "planner/deadlock.h"

#include <algorithm>
#include <map>
#include <set>

#include "planner/planner.h"

namespace lockable::planner {
namespace {

bool holds_it(const Ticket& ticket, const Hold& hold) {
  return !hold.alloc_id.empty() &&
         std::find(ticket.holding.begin(), ticket.holding.end(), hold.alloc_id) != ticket.holding.end();
}

bool wants_it(const Ticket& ticket, const Hold& hold) {
  return std::any_of(ticket.wants.begin(), ticket.wants.end(), [&hold](const Want& want) {
    return std::find(want.candidates.begin(), want.candidates.end(), hold.resource_id) !=
           want.candidates.end();
  });
}

Snapshot held_by(const std::vector<const Ticket*>& holders, const std::vector<Hold>& holds) {
  std::map<std::string, int> slots;
  for (const Hold& hold : holds) {
    const bool stays = std::any_of(holders.begin(), holders.end(),
                                   [&hold](const Ticket* ticket) { return holds_it(*ticket, hold); });
    if (stays) slots[hold.resource_id] = hold.slots > 0 ? slots[hold.resource_id] + hold.slots : 0;
  }
  Snapshot snapshot;
  for (const auto& [id, taken] : slots) snapshot.held.push_back({id, taken});
  return snapshot;
}

bool can_be_served(const Ticket& ticket, const Snapshot& rest) {
  Snapshot alone = rest;
  alone.queue = {ticket};
  return !plan(alone).empty();
}

class Circle {
 public:
  Circle(const std::vector<Ticket>& queue, const std::vector<Hold>& holds) : holds_(holds) {
    for (const Ticket& ticket : queue)
      if (!ticket.holding.empty()) stuck_.push_back(&ticket);
    free_those_who_can_go_on();
  }

  // The shortest way from the ticket back to itself, over those who are stuck.
  std::vector<Link> through(const Ticket& start) const {
    std::map<const Ticket*, Link> reached_by;  // the step that led to it
    std::vector<const Ticket*> next{&start};
    for (std::size_t i = 0; i < next.size(); ++i) {
      for (const auto& [hold, holder] : in_the_way_of(*next[i])) {
        if (!reached_by.emplace(holder, Link{next[i], hold}).second) continue;
        if (holder == &start) return way_back(reached_by, start);
        next.push_back(holder);
      }
    }
    return {};
  }

  const Ticket* find(const std::string& id) const {
    for (const Ticket* ticket : stuck_)
      if (ticket->id == id) return ticket;
    return nullptr;
  }

 private:
  void free_those_who_can_go_on() {
    for (bool changed = true; changed;) {
      const Snapshot rest = held_by(stuck_, holds_);
      const auto end = std::remove_if(stuck_.begin(), stuck_.end(),
                                      [&rest](const Ticket* ticket) { return can_be_served(*ticket, rest); });
      changed = end != stuck_.end();
      stuck_.erase(end, stuck_.end());
    }
  }

  std::vector<std::pair<const Hold*, const Ticket*>> in_the_way_of(const Ticket& ticket) const {
    std::vector<std::pair<const Hold*, const Ticket*>> result;
    for (const Hold& hold : holds_) {
      if (!wants_it(ticket, hold)) continue;
      for (const Ticket* holder : stuck_)
        if (holds_it(*holder, hold)) result.emplace_back(&hold, holder);
    }
    return result;
  }

  static std::vector<Link> way_back(const std::map<const Ticket*, Link>& reached_by, const Ticket& start) {
    std::vector<Link> result;
    const Ticket* at = &start;
    do {
      result.push_back(reached_by.at(at));
      at = result.back().ticket;
    } while (at != &start);
    std::reverse(result.begin(), result.end());
    return result;
  }

  const std::vector<Hold>& holds_;
  std::vector<const Ticket*> stuck_;
};

}  // namespace

std::vector<Link> find_circle(const std::vector<Ticket>& queue, const std::vector<Hold>& holds,
                              const std::string& id) {
  const Circle circle(queue, holds);
  const Ticket* mine = circle.find(id);
  return mine == nullptr ? std::vector<Link>() : circle.through(*mine);
}

std::set<std::string> dependents(const std::vector<Ticket>& queue, const std::vector<Hold>& holds,
                                 const std::string& id) {
  std::vector<const Ticket*> holders, rest;
  for (const Ticket& ticket : queue) (ticket.id == id ? holders : rest).push_back(&ticket);
  std::set<std::string> result;
  for (bool changed = !holders.empty(); changed;) {
    const Snapshot held = held_by(holders, holds);
    std::map<const void*, bool> known;  // a crowd often wants the same
    const auto end = std::stable_partition(rest.begin(), rest.end(), [&](const Ticket* ticket) {
      const auto [served, fresh] = known.try_emplace(ticket->wants.identity());
      if (fresh) served->second = can_be_served(*ticket, held);
      return served->second;
    });
    changed = end != rest.end();
    for (auto at = end; at != rest.end(); ++at) result.insert((*at)->id);
    holders.insert(holders.end(), end, rest.end());
    rest.erase(end, rest.end());
  }
  return result;
}

const std::string& closer_of(const std::vector<Link>& circle) {
  return std::max_element(circle.begin(), circle.end(),
                          [](const Link& a, const Link& b) { return a.ticket->id < b.ticket->id; })
      ->ticket->id;
}

}  // namespace lockable::planner
