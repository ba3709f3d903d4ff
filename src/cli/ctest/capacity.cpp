#include "cli/ctest/capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace lockable::cli {
namespace {

using Ids = std::vector<std::string>;

Ids sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Two sets of one name would only make CTest start fewer tests.
std::string type_of(const Ids& ids) {
  return fmt::format("lockable_{:016x}", std::hash<std::string>()(fmt::format("{}", fmt::join(ids, "\n"))));
}

class Slots {
 public:
  explicit Slots(const std::vector<Wants>& tests) {
    for (const Wants& wants : tests)
      for (const Want& want : wants)
        for (std::size_t i = 0; i < want.capacities.size(); ++i)
          known_[want.candidates[i]] = want.capacities[i];
  }

  int of(const std::string& id) const {
    const auto known = known_.find(id);
    return known == known_.end() ? 1 : std::max(1, known->second);
  }
  int of(const Ids& ids) const {
    int sum = 0;
    for (const std::string& id : ids) sum += of(id);
    return sum;
  }
  // A whole resource takes all its slots; which one it will be is not known, so the smallest.
  int taken_by(const Want& want) const {
    if (want.slots > 0) return want.slots;
    int least = of(want.candidates.front());
    for (const std::string& id : want.candidates) least = std::min(least, of(id));
    return least;
  }

 private:
  std::map<std::string, int> known_;
};

bool contains(const CapacityClass& kind, const Want& want) {
  const Ids ids = sorted(want.candidates);
  return std::includes(kind.ids.begin(), kind.ids.end(), ids.begin(), ids.end());
}

std::string groups_of(const Wants& wants, const std::vector<CapacityClass>& classes, const Slots& slots) {
  std::string groups;
  for (const CapacityClass& kind : classes) {
    int taken = 0;
    for (const Want& want : wants) {
      if (contains(kind, want)) taken += slots.taken_by(want);
    }
    if (taken > kind.slots) return "";
    if (taken > 0) groups += fmt::format("{}{}:{}", groups.empty() ? "" : ",", kind.type, taken);
  }
  return groups;
}

// `load` is for each class how many tests there are for each of its slots.
double cost_of(const Wants& wants, const std::vector<CapacityClass>& classes,
               const std::vector<double>& load) {
  double highest = 0;
  std::size_t alternatives = 1;
  for (const Want& want : wants) {
    alternatives = std::max(alternatives, want.candidates.size());
    for (std::size_t i = 0; i < classes.size(); ++i)
      if (contains(classes[i], want)) highest = std::max(highest, load[i]);
  }
  constexpr double kBeforeOthers =
      1000;  // CTest takes the seconds that they took before for the cost of others
  return kBeforeOthers * (1 + highest) + 1 / static_cast<double>(alternatives);
}

bool nothing_would_do(const Wants& wants) {
  return std::any_of(wants.begin(), wants.end(), [](const Want& want) { return want.candidates.empty(); });
}

struct Kind {
  Wants wants;
  std::string groups = "";
  double cost = 0;
  double count = 0;
};

// What makes one: candidates and slots of each want.
using Key = std::vector<std::pair<Ids, int>>;
using Kinds = std::map<Key, Kind>;

Key key_of(const Wants& wants) {
  Key key;
  for (const Want& want : wants) key.emplace_back(want.candidates, want.slots);
  return key;
}

std::vector<double> load_of(const std::vector<CapacityClass>& classes, const Kinds& kinds) {
  std::vector<double> load(classes.size(), 0);
  for (std::size_t i = 0; i < classes.size(); ++i)
    for (const auto& [key, kind] : kinds)
      for (const Want& want : kind.wants)
        if (!kind.groups.empty() && contains(classes[i], want)) load[i] += kind.count / classes[i].slots;
  return load;
}

}  // namespace

Capacity capacity_for(const std::vector<Wants>& tests) {
  Capacity capacity;
  const Slots slots(tests);
  std::set<Ids> sets;
  for (const Wants& wants : tests)
    if (!nothing_would_do(wants))
      for (const Want& want : wants) sets.insert(sorted(want.candidates));
  for (const Ids& ids : sets) capacity.classes.push_back({type_of(ids), ids, slots.of(ids)});

  Kinds kinds;  // by what they want: tests by the thousand want the same
  std::vector<const Kind*> of_tests;
  for (const Wants& wants : tests) {
    const auto [at, fresh] = kinds.emplace(key_of(wants), Kind{wants});
    if (fresh && !nothing_would_do(wants)) at->second.groups = groups_of(wants, capacity.classes, slots);
    ++at->second.count;
    of_tests.push_back(&at->second);
  }
  const std::vector<double> load = load_of(capacity.classes, kinds);
  for (auto& [key, kind] : kinds) kind.cost = cost_of(kind.wants, capacity.classes, load);
  for (const Kind* kind : of_tests) {
    capacity.groups.push_back(kind->groups);
    capacity.costs.push_back(kind->cost);
  }
  return capacity;
}

Json resource_spec(const Capacity& capacity) {
  Json local = Json::object();
  for (const CapacityClass& kind : capacity.classes)
    local[kind.type] = {{{"id", "all"}, {"slots", kind.slots}}};
  return {{"version", {{"major", 1}, {"minor", 0}}}, {"local", Json::array({std::move(local)})}};
}

}  // namespace lockable::cli
