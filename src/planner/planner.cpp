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

std::optional<std::vector<int>> serve(const std::vector<Want>& wants, Pool& pool) {
  if (wants.size() == 1) return first_free(wants.front(), pool);
  std::vector<std::vector<int>> choices(wants.size());
  for (std::size_t i = 0; i < wants.size(); ++i) {
    for (const std::string& id : wants[i].candidates) {
      const int number = pool.number_of(id);
      if (!pool.taken(number)) choices[i].push_back(number);
    }
  }
  return assign(choices);
}

bool same(const std::vector<Want>& a, const std::vector<Want>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Want& x, const Want& y) { return x.candidates == y.candidates; });
}

void keep_for(const Ticket& ticket, Pool& pool) {
  for (const Want& want : ticket.wants)
    for (const std::string& id : want.candidates) pool.take(pool.number_of(id));
}

}  // namespace

std::vector<Grant> plan(const std::vector<Ticket>& queue, const std::vector<std::string>& held) {
  Pool pool(held);
  std::vector<Grant> grants;
  const std::vector<Want>* unserved =
      nullptr;  // a crowd often wants the same: all after the first get nothing
  for (const Ticket& ticket : queue) {
    if (unserved != nullptr && same(*unserved, ticket.wants)) continue;
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

bool possible(const std::vector<Want>& wants) {
  const std::vector<std::string> nothing_held;
  Pool pool(nothing_held);
  return serve(wants, pool).has_value();
}

}  // namespace lockable::planner
