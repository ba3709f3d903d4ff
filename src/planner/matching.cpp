#include "planner/matching.h"

#include <algorithm>

namespace lockable::planner {
namespace {

class Matching {
 public:
  explicit Matching(const std::vector<std::vector<int>>& choices) : choices_(choices) {
    int most = -1;
    for (const auto& list : choices)
      for (const int choice : list) most = std::max(most, choice);
    taken_by_.assign(static_cast<std::size_t>(most) + 1, -1);
  }

  bool place(std::size_t want) {
    seen_.assign(taken_by_.size(), false);
    return augment(want);
  }

  std::vector<int> result() const {
    std::vector<int> chosen(choices_.size(), -1);
    for (std::size_t choice = 0; choice < taken_by_.size(); ++choice) {
      if (taken_by_[choice] >= 0)
        chosen[static_cast<std::size_t>(taken_by_[choice])] = static_cast<int>(choice);
    }
    return chosen;
  }

 private:
  // Depth is bounded by the number of wants (kMaxResources): each step moves another want.
  bool augment(std::size_t want) {
    for (const int choice : choices_[want]) {
      if (taken_by_[index(choice)] < 0) return take(choice, want);
    }
    for (const int choice : choices_[want]) {
      if (seen_[index(choice)]) continue;
      seen_[index(choice)] = true;
      if (augment(static_cast<std::size_t>(taken_by_[index(choice)]))) return take(choice, want);
    }
    return false;
  }

  bool take(int choice, std::size_t want) {
    taken_by_[index(choice)] = static_cast<int>(want);
    return true;
  }

  static std::size_t index(int choice) { return static_cast<std::size_t>(choice); }

  const std::vector<std::vector<int>>& choices_;
  std::vector<int> taken_by_;  // per choice: the want that has it, or -1
  std::vector<bool> seen_;
};

}  // namespace

std::optional<std::vector<int>> assign(const std::vector<std::vector<int>>& choices) {
  Matching matching(choices);
  for (std::size_t want = 0; want < choices.size(); ++want) {
    if (!matching.place(want)) return std::nullopt;
  }
  return matching.result();
}

}  // namespace lockable::planner
