/// \file
/// Where time comes from. Nothing in this library asks the system for the time except through Clock, so that
/// tests can set it.
#pragma once

#include <chrono>
#include <memory>

namespace lockable {

/// Time since boot, also while the machine sleeps (CLOCK_BOOTTIME, clock_gettime(2)): what deadlines stand
/// on. A std-style clock; now() may be called from any thread and never throws.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

/// The two clocks a request reads. Implementations must allow calls from any thread, not block and not throw.
class Clock {
 public:
  virtual ~Clock() = default;
  /// For deadlines and durations.
  virtual BootClock::time_point now() const;
  /// For timestamps that people read; may jump.
  virtual WallTime wall() const;
  /// The system's clocks; shared by everybody who sets none.
  static std::shared_ptr<const Clock> system();
};

}  // namespace lockable
