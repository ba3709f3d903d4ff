#include "planner/pool.h"

#include <algorithm>
#include <string>

namespace lockable::planner {

int Pool::number_of(std::string_view id) {
  const auto [at, is_new] = numbers_.try_emplace(id, static_cast<int>(ids_.size()));
  if (!is_new) return at->second;
  ids_.push_back(id);
  used_.push_back(used_now(id));
  const auto last =
      snapshot_.last_used.empty() ? snapshot_.last_used.end() : snapshot_.last_used.find(std::string(id));
  last_used_.push_back(last == snapshot_.last_used.end() ? 0 : last->second);
  return at->second;
}

int Pool::used_now(std::string_view id) const {
  const auto held = std::lower_bound(snapshot_.held.begin(), snapshot_.held.end(), id,
                                     [](const Held& a, std::string_view b) { return a.resource_id < b; });
  if (held == snapshot_.held.end() || held->resource_id != id) return 0;
  return held->slots > 0 ? held->slots : kClosed;
}

}  // namespace lockable::planner
