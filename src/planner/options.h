/// \file
/// What is free for the wants of a kind, the best first.
#pragma once

#include <vector>

#include "planner/kinds.h"
#include "planner/pool.h"
#include "planner/seats.h"

namespace lockable::planner {

/// A resource that may give slots.
struct Shareable {
  int number;
  int capacity;
};

struct Options {
  std::vector<Choices> whole;                  ///< for each want; empty for one that needs slots
  std::vector<std::vector<Shareable>> shared;  ///< for each want; empty for one that needs it whole
  bool possible = true;                        ///< false when these would not do even if nothing was held
};

/// True when all resources for these wants must agree (Want::same).
bool must_agree(const Wants& wants);

/// True for one whole resource, any as good as another. Only such a request waits for the least wanted one.
bool is_plain(const Wants& wants);

/// In order: what suits best, is least wanted, was unused longest. Resources shared already come first where
/// slots are asked for.
Options options_of(const Kind& kind, const Pool& pool, const std::vector<double>& scarcity);

/// The same for each group of resources that agree, in the order in which the first want prefers them.
/// Options::possible is set.
std::vector<Options> groups_of(const Kind& kind, const Pool& pool, const std::vector<double>& scarcity);

}  // namespace lockable::planner
