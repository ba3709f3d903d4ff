/// \file
/// What lockable costs, each figure beside that of the nearest thing which knows less, measured in turns in
/// one run.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace lockable::bench {

using Micros = std::chrono::duration<double, std::micro>;

struct Setup {
  std::string lockable;  ///< path of the command
  std::string self;      ///< path of this program, which stamps (`--stamp FILE`)
  std::string folder;    ///< an empty one, to work in
  int rounds = 101;      ///< measurements of each side
};

/// One line of the table.
struct Figure {
  std::string what;
  Micros ours;
  Micros peer;
  double ratio;
  double target;  ///< the ratio that must not be exceeded
  std::string remark;
};

/// They block for as long as it takes, and throw std::exception when there is nothing to measure.
Figure hand_over(const Setup& setup);        ///< from a release to the start of the waiter's command
Figure whole_command(const Setup& setup);    ///< of a command that does nothing
Figure lock_and_unlock(const Setup& setup);  ///< in one process, with 100 resources

/// The times of one side.
class Times {
 public:
  void add(Micros time) { times_.push_back(time); }
  Micros median() {
    const auto middle = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2);
    std::nth_element(times_.begin(), middle, times_.end());
    return *middle;
  }

 private:
  std::vector<Micros> times_;
};

}  // namespace lockable::bench
