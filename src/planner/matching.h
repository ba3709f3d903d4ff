/// \file
/// Assigning different things to several that want one each. Pure: no I/O, no clock, the same answer for the
/// same question.
#pragma once

#include <optional>
#include <vector>

namespace lockable::planner {

/// `choices[i]` lists what would do for i, the preferred first, as numbers from 0. Returns one choice for
/// each i, all different, or nothing when there is no such assignment. Never misses one that exists
/// (planner/seats.h); earlier wants get their preferred choice where that costs nobody else
/// theirs.
std::optional<std::vector<int>> assign(const std::vector<std::vector<int>>& choices);

}  // namespace lockable::planner
