/// \file
/// When a source that takes time to ask is to be asked again.
#pragma once

#include <lockable/clock.h>

#include <chrono>

namespace lockable {

/// Remembers how asking went. One thread at a time; never looks at a clock itself.
class RefreshSchedule {
 public:
  /// See HttpOptions::fresh_for and refresh_every.
  RefreshSchedule(std::chrono::nanoseconds fresh_for, std::chrono::nanoseconds refresh_every)
      : fresh_for_(fresh_for), refresh_every_(refresh_every) {}

  bool due_for_new_request(BootClock::time_point now) const { return now >= fresh_until_; }
  bool due_for_waiting_request(BootClock::time_point now) const { return now >= refresh_at_; }

  void answered(BootClock::time_point now);
  /// It is left alone for a while: as long as it asked for, else as long as the vain attempt took, at least
  /// refresh_every. So a server that hangs costs half of the time at most.
  void failed(BootClock::time_point asked, BootClock::time_point now, std::chrono::nanoseconds retry_after);

 private:
  std::chrono::nanoseconds fresh_for_;
  std::chrono::nanoseconds refresh_every_;
  BootClock::time_point fresh_until_ = BootClock::time_point::min();
  BootClock::time_point refresh_at_ = BootClock::time_point::min();
};

}  // namespace lockable
