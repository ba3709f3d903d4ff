#include "allocation/reservation.h"

#include <lockable/error.h>

#include "allocation/allocation_impl.h"
#include "allocation/holdings.h"

namespace lockable {

void leave_reserved(Allocation& allocation, const Json& owner) {
  Allocation::Impl* const impl = allocation.impl_.get();
  if (impl == nullptr || impl->release_time || impl->lease == nullptr)
    throw Error("only what this program holds can become a reservation");
  if (impl->lease->lost()) throw LockLost("the lock on " + impl->resource_id + " was lost");
  impl->lease->leave_reserved(owner);
  impl->release_time = impl->clock->wall();
  impl->released_at = impl->clock->now();
  forget_holding(impl->handle);
}

}  // namespace lockable
