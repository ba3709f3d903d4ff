#include "planner/matching.h"

#include <algorithm>

#include "planner/seats.h"

namespace lockable::planner {

std::optional<std::vector<int>> assign(const std::vector<std::vector<int>>& choices) {
  int most = -1;
  std::vector<Choices> all;
  for (const std::vector<int>& numbers : choices) {
    for (const int number : numbers) most = std::max(most, number);
    all.push_back({numbers, numbers.size()});
  }
  Seats seats(static_cast<std::size_t>(most + 1));
  std::vector<int> chosen;
  for (const Choices& one : all)
    if (!seats.add(one, true)) return std::nullopt;
  for (std::size_t i = 0; i < all.size(); ++i) chosen.push_back(seats.number_of(i));
  return chosen;
}

}  // namespace lockable::planner
