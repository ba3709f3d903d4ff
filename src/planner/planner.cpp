#include "planner/planner.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "planner/matching.h"

namespace lockable::planner {
namespace {

// Gives each id a number; remembers which are not to be had. Ids are borrowed from the tickets.
class Pool {
 public:
  explicit Pool(const std::vector<std::string>& held) : held_(held) {}

  int number_of(std::string_view id) {
    const auto [at, is_new] = numbers_.try_emplace(id, static_cast<int>(ids_.size()));
    if (is_new) {
      ids_.push_back(id);
      taken_.push_back(std::binary_search(held_.begin(), held_.end(), id));
    }
    return at->second;
  }
  bool taken(int number) const { return taken_[static_cast<std::size_t>(number)]; }
  void take(int number) { taken_[static_cast<std::size_t>(number)] = true; }
  std::string id(int number) const { return std::string(ids_[static_cast<std::size_t>(number)]); }

 private:
  const std::vector<std::string>& held_;
  std::unordered_map<std::string_view, int> numbers_;
  std::vector<std::string_view> ids_;
  std::vector<bool> taken_;
};

// One want alone (the common case): the first free candidate, without looking at the rest.
std::optional<std::vector<int>> first_free(const Want& want, Pool& pool) {
  for (const std::string& id : want.candidates) {
    const int number = pool.number_of(id);
    if (!pool.taken(number)) return std::vector<int>{number};
  }
  return std::nullopt;
}

bool must_agree(const std::vector<Want>& wants) {
  return wants.size() > 1 &&
         std::any_of(wants.begin(), wants.end(), [](const Want& want) { return !want.same.empty(); });
}

using Choices = std::vector<std::vector<int>>;  // for each want

Choices free_choices(const std::vector<Want>& wants, Pool& pool) {
  Choices choices(wants.size());
  for (std::size_t i = 0; i < wants.size(); ++i) {
    for (const std::string& id : wants[i].candidates) {
      const int number = pool.number_of(id);
      if (!pool.taken(number)) choices[i].push_back(number);
    }
  }
  return choices;
}

// The choices within each group of resources that agree, in the order in which the first want prefers them.
std::vector<Choices> groups(const std::vector<Want>& wants, Pool& pool, bool only_free) {
  std::vector<Choices> result;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < wants.size(); ++i) {
    const Want& want = wants[i];
    for (std::size_t k = 0; k < std::min(want.candidates.size(), want.same.size()); ++k) {
      const int number = pool.number_of(want.candidates[k]);
      if (only_free && pool.taken(number)) continue;
      const auto [place, is_new] = places.try_emplace(want.same[k], result.size());
      if (is_new) result.emplace_back(wants.size());
      result[place->second][i].push_back(number);
    }
  }
  return result;
}

std::optional<std::vector<int>> serve(const std::vector<Want>& wants, Pool& pool) {
  if (wants.size() == 1) return first_free(wants.front(), pool);
  if (!must_agree(wants)) return assign(free_choices(wants, pool));
  for (const Choices& group : groups(wants, pool, true))
    if (auto chosen = assign(group)) return chosen;
  return std::nullopt;
}

void keep(const Choices& choices, Pool& pool) {
  for (const auto& list : choices)
    for (const int number : list) pool.take(number);
}

void keep_for(const Ticket& ticket, Pool& pool) {
  if (!must_agree(ticket.wants)) return keep(free_choices(ticket.wants, pool), pool);
  for (const Choices& group : groups(ticket.wants, pool, false))
    if (assign(group)) keep(group, pool);
}

}  // namespace

std::vector<Grant> plan(const std::vector<Ticket>& queue, const std::vector<std::string>& held) {
  Pool pool(held);
  std::vector<Grant> grants;
  const std::vector<Want>* unserved =
      nullptr;  // a crowd often wants the same: all after the first get nothing
  for (const Ticket& ticket : queue) {
    if (unserved != nullptr && *unserved == ticket.wants) continue;
    const auto numbers = serve(ticket.wants, pool);
    if (!numbers) {
      keep_for(ticket, pool);
      unserved = &ticket.wants;
      continue;
    }
    Grant grant{ticket.id, {}};
    for (const int number : *numbers) {
      pool.take(number);
      grant.resource_ids.push_back(pool.id(number));
    }
    grants.push_back(std::move(grant));
  }
  return grants;
}

const Grant* find_grant(const std::vector<Grant>& grants, const std::string& ticket_id) {
  for (const Grant& grant : grants)
    if (grant.ticket_id == ticket_id) return &grant;
  return nullptr;
}

std::vector<std::string> best(const std::vector<Want>& wants) {
  const std::vector<std::string> nothing_held;
  Pool pool(nothing_held);
  std::vector<std::string> ids;
  for (const int number : serve(wants, pool).value_or(std::vector<int>())) ids.push_back(pool.id(number));
  return ids;
}

bool possible(const std::vector<Want>& wants) { return !best(wants).empty(); }

}  // namespace lockable::planner
