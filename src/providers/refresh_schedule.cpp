#include "providers/refresh_schedule.h"

#include <algorithm>

namespace lockable {

void RefreshSchedule::answered(BootClock::time_point now) {
  fresh_until_ = now + fresh_for_;
  refresh_at_ = now + refresh_every_;
}

void RefreshSchedule::failed(BootClock::time_point asked, BootClock::time_point now,
                             std::chrono::nanoseconds retry_after) {
  const auto pause = std::max(retry_after, std::max<std::chrono::nanoseconds>(now - asked, refresh_every_));
  fresh_until_ = refresh_at_ = now + pause;
}

}  // namespace lockable
