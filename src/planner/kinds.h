/// \file
/// The different wants among a queue: a crowd of requests often has few of them.
#pragma once

#include <lockable/lock_store.h>

#include <unordered_map>
#include <vector>

#include "planner/pool.h"

namespace lockable::planner {

/// What some requests want, with numbers for ids.
struct Kind {
  Wants wants;
  std::size_t count = 0;                  ///< so many wait for it
  std::vector<std::vector<int>> numbers;  ///< for each want, its candidates
};

/// All kinds of a snapshot. `pool` and `snapshot` must outlive it.
class Kinds {
 public:
  Kinds(const Snapshot& snapshot, Pool& pool);

  std::size_t size() const { return kinds_.size(); }
  const Kind& operator[](std::size_t kind) const { return kinds_[kind]; }
  /// The kind of each ticket of the queue.
  std::size_t of_ticket(std::size_t place) const { return of_tickets_[place]; }

 private:
  std::size_t add(const Wants& wants, std::size_t count, Pool& pool);

  std::vector<Kind> kinds_;
  std::vector<std::size_t> of_tickets_;
  std::unordered_map<const void*, std::size_t> known_;  // by the identity of the wants
};

/// For each number how much it is wanted: each want of each waiting request counts 1, spread evenly over what
/// would do for it. So what few can do without, and what many ask for, is wanted most. Leaving it to those
/// who need it keeps the rest of a bench busy: measured by tests/bench/makespan.cpp.
std::vector<double> scarcity(const Kinds& kinds, std::size_t numbers);

}  // namespace lockable::planner
