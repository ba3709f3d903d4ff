#include "planner/options.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "planner/matching.h"

namespace lockable::planner {
namespace {

struct Candidate {
  int number;
  int capacity;
  int rank;
  bool untouched;  // nobody shares it yet
  double wanted;
  std::uint64_t last_used;

  auto key() const { return std::tie(rank, untouched, wanted, last_used); }
};

constexpr double kAlike = 1e-9;  // sums of the same numbers in another order

class Sorter {
 public:
  Sorter(const Kind& kind, const Pool& pool, const std::vector<double>& scarcity)
      : kind_(kind), pool_(pool), scarcity_(scarcity) {}

  Options make(const std::vector<std::vector<std::size_t>>& positions) const {
    Options options;
    for (std::size_t want = 0; want < positions.size(); ++want) {
      std::vector<Candidate> free;
      for (const std::size_t at : positions[want])
        if (is_free(want, at)) free.push_back(candidate(want, at));
      std::stable_sort(free.begin(), free.end(),
                       [](const Candidate& a, const Candidate& b) { return a.key() < b.key(); });
      options.whole.emplace_back();
      options.shared.emplace_back();
      if (wants_slots(want))
        for (const Candidate& one : free) options.shared.back().push_back({one.number, one.capacity});
      else
        options.whole.back() = whole(want, free);
    }
    return options;
  }

  // Of all that would do, held or not.
  std::vector<std::vector<int>> numbers(const std::vector<std::vector<std::size_t>>& positions) const {
    std::vector<std::vector<int>> result(positions.size());
    for (std::size_t want = 0; want < positions.size(); ++want)
      for (const std::size_t at : positions[want])
        if (kind_.wants[want].slots <= capacity(want, at)) result[want].push_back(kind_.numbers[want][at]);
    return result;
  }

 private:
  bool wants_slots(std::size_t want) const { return kind_.wants[want].slots > 0; }

  int capacity(std::size_t want, std::size_t at) const {
    const Want& asked = kind_.wants[want];
    return at < asked.capacities.size() ? asked.capacities[at] : 1;
  }

  bool is_free(std::size_t want, std::size_t at) const {
    const int number = kind_.numbers[want][at];
    return wants_slots(want) ? pool_.has_slots(number, kind_.wants[want].slots, capacity(want, at))
                             : pool_.whole(number);
  }

  Candidate candidate(std::size_t want, std::size_t at) const {
    const Want& asked = kind_.wants[want];
    const int number = kind_.numbers[want][at];
    return {number,
            capacity(want, at),
            at < asked.ranks.size() ? asked.ranks[at] : 0,
            wants_slots(want) && !pool_.shared(number),
            scarcity_[static_cast<std::size_t>(number)],
            pool_.last_used(number)};
  }

  Choices whole(std::size_t want, const std::vector<Candidate>& free) const {
    Choices choices;
    choices.numbers.reserve(free.size());
    for (const Candidate& one : free) choices.numbers.push_back(one.number);
    choices.least = free.size();
    if (!is_plain(kind_.wants)) return choices;
    double least = std::numeric_limits<double>::max();  // of all, held or not
    for (const int number : kind_.numbers[want])
      least = std::min(least, scarcity_[static_cast<std::size_t>(number)]);
    const auto end = std::find_if(free.begin(), free.end(), [least](const Candidate& one) {
      return one.wanted > least * (1 + kAlike);
    });
    choices.least = static_cast<std::size_t>(end - free.begin());
    return choices;
  }

  const Kind& kind_;
  const Pool& pool_;
  const std::vector<double>& scarcity_;
};

}  // namespace

bool must_agree(const Wants& wants) {
  return wants.size() > 1 &&
         std::any_of(wants.begin(), wants.end(), [](const Want& want) { return !want.same.empty(); });
}

bool is_plain(const Wants& wants) {
  return wants.size() == 1 && wants.front().slots == 0 && wants.front().ranks.empty();
}

Options options_of(const Kind& kind, const Pool& pool, const std::vector<double>& scarcity) {
  std::vector<std::vector<std::size_t>> all(kind.numbers.size());
  for (std::size_t want = 0; want < all.size(); ++want)
    for (std::size_t at = 0; at < kind.numbers[want].size(); ++at) all[want].push_back(at);
  return Sorter(kind, pool, scarcity).make(all);
}

std::vector<Options> groups_of(const Kind& kind, const Pool& pool, const std::vector<double>& scarcity) {
  std::vector<std::vector<std::vector<std::size_t>>> groups;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t want = 0; want < kind.wants.size(); ++want) {
    const std::vector<std::string>& same = kind.wants[want].same;
    for (std::size_t at = 0; at < std::min(same.size(), kind.numbers[want].size()); ++at) {
      const auto [place, is_new] = places.try_emplace(same[at], groups.size());
      if (is_new) groups.emplace_back(kind.wants.size());
      groups[place->second][want].push_back(at);
    }
  }
  const Sorter sorter(kind, pool, scarcity);
  std::vector<Options> result;
  result.reserve(groups.size());
  for (const auto& group : groups) {
    result.push_back(sorter.make(group));
    result.back().possible = assign(sorter.numbers(group)).has_value();
  }
  return result;
}

}  // namespace lockable::planner
