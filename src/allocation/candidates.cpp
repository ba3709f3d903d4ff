#include "allocation/candidates.h"

#include <algorithm>
#include <utility>

#include "requirements/agreement.h"

namespace lockable {
namespace {

using requirements::Path;

constexpr std::size_t kMostKnown = 32;

// As Query::matches() counts: one that says nothing has one slot.
int capacity_of(const Json& resource) {
  const auto slots = resource.find("slots");
  if (slots == resource.end() || !slots->is_number_integer()) return 1;
  const bool many = slots->is_number_unsigned() && slots->get<std::uint64_t>() > kMostSlots;
  return many ? kMostSlots
              : static_cast<int>(std::clamp<std::int64_t>(slots->get<std::int64_t>(), 0, kMostSlots));
}

class Choice {
 public:
  Choice(const Requirements& complete, const std::vector<const Resource*>& resources)
      : preferences_(complete.preferences()), resources_(resources) {
    if (complete.size() == 1) return;  // one resource agrees with itself
    for (const std::string& path : complete.same()) same_.emplace_back(path);
  }

  Want want(const Query& query) const {
    std::vector<const Resource*> matching;
    for (const Resource* resource : resources_)
      if (query.matches(resource->info)) matching.push_back(resource);
    Want want;
    want.slots = query.slots();
    std::vector<int> ranks;
    if (!preferences_.empty()) ranks = put_preferred_first(matching);
    for (std::size_t i = 0; i < matching.size(); ++i) {
      const Resource* resource = matching[i];
      if (!same_.empty()) {
        auto agreement = requirements::agreement(resource->info, same_);
        if (!agreement) continue;
        want.same.push_back(std::move(*agreement));
      }
      want.candidates.push_back(resource->id);
      if (!ranks.empty()) want.ranks.push_back(ranks[i]);
      if (want.slots > 0) want.capacities.push_back(capacity_of(resource->info));
    }
    return want;
  }

 private:
  // Returns how well each does then, 0 the best.
  std::vector<int> put_preferred_first(std::vector<const Resource*>& matching) const {
    std::vector<std::pair<std::vector<bool>, const Resource*>> ranked;
    for (const Resource* resource : matching) {
      std::vector<bool> misses;  // the first preference decides, then the second …
      for (const Query& preference : preferences_) misses.push_back(!preference.matches(resource->info));
      ranked.emplace_back(std::move(misses), resource);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<int> ranks;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      const bool worse = i > 0 && ranked[i].first != ranked[i - 1].first;
      ranks.push_back(i == 0 ? 0 : ranks.back() + (worse ? 1 : 0));
      matching[i] = ranked[i].second;
    }
    return ranks;
  }

  const std::vector<Query>& preferences_;
  const std::vector<const Resource*>& resources_;
  std::vector<Path> same_;
};

}  // namespace

Wants wants_of(const Requirements& complete, const std::vector<const Resource*>& resources) {
  const Choice choice(complete, resources);
  std::vector<Want> wants;
  for (const Query& query : complete.queries())
    wants.insert(wants.end(), static_cast<std::size_t>(query.count()), choice.want(query));
  return wants;
}

Wants wants_of(const Requirements& complete, const Inventory& inventory) {
  std::vector<const Resource*> resources;
  resources.reserve(inventory.resources().size());
  for (const Resource& resource : inventory.resources()) resources.push_back(&resource);
  return wants_of(complete, resources);
}

Json agreeing(Json query, const Requirements& requirements, const Json& resource) {
  for (const std::string& path : requirements.same()) {
    const Json* value = Path(path).find(resource);
    Json condition{{"$eq", value == nullptr ? Json() : *value}};
    if (!condition["$eq"].is_array()) condition["$not"] = {{"$type", "array"}};
    query["$and"].push_back({{path, std::move(condition)}});
  }
  return query;
}

Wants Candidates::of(const Requirements& complete, const std::shared_ptr<const Inventory>& inventory) {
  const std::string text = complete.json().dump(-1, ' ', false, Json::error_handler_t::ignore);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (inventory_ != inventory || known_.size() >= kMostKnown) known_.clear();
    inventory_ = inventory;
    if (const auto known = known_.find(text); known != known_.end()) return known->second;
  }
  Wants wants = wants_of(complete, *inventory);
  const std::lock_guard<std::mutex> guard(mutex_);
  if (inventory_ == inventory) known_[text] = wants;
  return wants;
}

}  // namespace lockable
