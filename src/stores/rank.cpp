#include <lockable/lock_store.h>

#include <algorithm>

namespace lockable {

std::chrono::nanoseconds rank_of(std::chrono::nanoseconds arrival, int priority) {
  return arrival - kPriorityStep * std::clamp(priority, -kMostPriority, kMostPriority);
}

}  // namespace lockable
