#include <lockable/clock.h>
#include <time.h>

namespace lockable {

BootClock::time_point BootClock::now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

BootClock::time_point Clock::now() const { return BootClock::now(); }

WallTime Clock::wall() const { return std::chrono::system_clock::now(); }

std::shared_ptr<const Clock> Clock::system() {
  static const auto instance = std::make_shared<const Clock>();
  return instance;
}

}  // namespace lockable
