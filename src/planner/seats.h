/// \file
/// Who sits on which resource, while a plan is made: a matching that grows by one seat after the other and
/// moves those that sit already where that makes room (augmenting paths, after Kuhn). Nobody who sits ever
/// loses a seat.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/pool.h"

namespace lockable::planner {

/// What would do for a seat, the best first.
struct Choices {
  std::vector<int> numbers;  ///< of resources
  std::size_t least = 0;     ///< the first so many are those that it should have
};

class Seats {
 public:
  /// Of resources with numbers below `resources`; `pool` knows which of them are free. Without one all are.
  explicit Seats(std::size_t resources, const Pool* pool = nullptr)
      : pool_(pool), by_number_(resources, -1), seen_(resources, 0) {}

  /// Finds a resource for one more seat, `choices` must outlive this. Without `all` everybody keeps to the
  /// first `least` of its choices. False when there is none; nothing has changed then.
  bool add(const Choices& choices, bool all);
  /// Takes the last seats away again, down to so many, and undoes all moves since.
  void shrink(std::size_t seats, std::size_t moves);

  std::size_t count() const { return choices_.size(); }
  std::size_t moves() const { return log_.size(); }
  int number_of(std::size_t seat) const { return taken_[seat]; }
  bool taken(int number) const { return by_number_[static_cast<std::size_t>(number)] >= 0; }

 private:
  struct Move {
    int number;
    int seat_before;
  };
  bool augment(int seat, bool all);
  void put(int seat, int number);
  std::size_t limit(int seat, bool all) const;
  bool free(int number) const { return pool_ == nullptr || pool_->whole(number); }

  const Pool* pool_;
  std::vector<const Choices*> choices_;  // by seat
  std::vector<int> taken_;               // by seat: the number, -1 for none
  std::vector<int> by_number_;           // the seat, -1 for none
  std::vector<unsigned> seen_;           // by number: in which search
  unsigned search_ = 0;
  std::vector<Move> log_;
};

}  // namespace lockable::planner
