#include <lockable/allocation.h>
#include <lockable/error.h>

#include "allocation/allocation_impl.h"
#include "allocation/holdings.h"
#include "allocation/wake_next.h"
#include "json/secrets.h"
#include "platform/identity.h"

namespace lockable {

Allocation::Impl::Impl() : owner_pid(platform::own_pid()) {}

void Allocation::Impl::release() noexcept {
  if (release_time) return;
  release_time = clock->wall();
  released_at = clock->now();
  if (lease == nullptr || owner_pid != platform::own_pid()) return;
  forget_holding(handle);
  if (use.quarantine_after > 0) lost = lost || lease->lost();  // a release by itself touches nobody else's
  if (lost || !end_use(use, *lease, *release_time)) lease->release();
  lost = lost || lease->lost();
  wake_next(*store, {resource_id});
}

Allocation::Allocation(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Allocation::Allocation(Allocation&&) noexcept = default;
Allocation& Allocation::operator=(Allocation&&) noexcept = default;
Allocation::~Allocation() = default;

Json& Allocation::resource_info() { return impl_->resource_info; }
const Json& Allocation::resource_info() const { return impl_->resource_info; }
Json Allocation::public_info() const { return redacted(impl_->resource_info, *impl_->secret_keys); }
const std::string& Allocation::resource_id() const { return impl_->resource_id; }

Json Allocation::get(const std::string& path) const {
  const Json* at = &impl_->resource_info;
  if (const auto whole = at->find(path); whole != at->end()) return *whole;
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('.', start), path.size());
    if (!at->is_object()) return nullptr;
    const auto value = at->find(path.substr(start, end - start));
    if (value == at->end()) return nullptr;
    at = &*value;
    start = end + 1;
  }
  return *at;
}

const Json& Allocation::requirements() const { return impl_->requirements; }
const std::string& Allocation::role() const { return impl_->role; }
const std::string& Allocation::alloc_id() const { return impl_->alloc_id; }
std::uint64_t Allocation::fencing_token() const { return impl_->fencing_token; }
bool Allocation::previous_owner_died() const {
  return impl_->lease != nullptr && impl_->lease->previous_owner_died();
}
bool Allocation::adopted() const { return impl_->adopted; }
const std::string& Allocation::store() const { return impl_->store->uri(); }

std::chrono::nanoseconds Allocation::allocation_queue_time() const { return impl_->queue_time; }
WallTime Allocation::allocation_start_time() const { return impl_->start_time; }
std::optional<WallTime> Allocation::release_time() const { return impl_->release_time; }

std::chrono::nanoseconds Allocation::allocation_duration() const {
  return (impl_->release_time ? impl_->released_at : impl_->clock->now()) - impl_->granted_at;
}

bool Allocation::lost() const {
  if (!impl_->lost && !impl_->release_time && impl_->lease != nullptr) impl_->lost = impl_->lease->lost();
  if (impl_->lost) forget_holding(impl_->handle);  // nobody waits for that
  return impl_->lost;
}

BootClock::time_point Allocation::held_until() const noexcept {
  return impl_->lease != nullptr ? impl_->lease->held_until() : BootClock::time_point::max();
}

void Allocation::note_outcome(Outcome outcome, const std::string& what) {
  impl_->use.outcome = outcome;
  impl_->use.what = what;
}

void Allocation::unlock() {
  if (impl_ == nullptr) throw Error("this allocation was moved away: there is nothing to release");
  if (impl_->release_time) throw Error("resource " + impl_->resource_id + " was released before");
  impl_->release();
}

}  // namespace lockable
