#include <fmt/format.h>
#include <lockable/lockable.h>

#include <algorithm>

#include "allocation/adoption.h"
#include "allocation/allocation_impl.h"
#include "allocation/candidates.h"
#include "allocation/health.h"
#include "allocation/holdings.h"
#include "allocation/owner.h"
#include "allocation/request.h"
#include "json/secrets.h"
#include "planner/planner.h"
#include "platform/environment.h"
#include "platform/identity.h"
#include "requirements/explain.h"

namespace lockable {
namespace {

// What is not set gets its default: explicit option, environment, system.
Options with_defaults(Options options) {
  if (options.hostname.empty()) options.hostname = platform::host_name();
  if (options.clock == nullptr) options.clock = Clock::system();
  const bool in_files = options.store.empty() || options.store.rfind("file:", 0) == 0;
  if (!in_files && !options.lock_folder.empty()) options.store += "+file:" + options.lock_folder;
  if (options.lock_folder.empty())
    options.lock_folder = platform::environment_variable("LOCKABLE_LOCK_FOLDER");
  if (options.lock_folder.empty()) options.lock_folder = platform::temporary_folder();
  if (options.store.empty()) options.store = "file:" + options.lock_folder;
  return options;
}

}  // namespace

class Lockable::Impl {
 public:
  Impl(Options given, std::unique_ptr<Provider> provider, std::shared_ptr<LockStore> store)
      : options_(with_defaults(std::move(given))),
        secret_keys_(std::make_shared<const std::vector<std::string>>(options_.secret_keys)),
        provider_(provider != nullptr
                      ? std::move(provider)
                      : make_provider(options_.resources, {options_.on_warning, options_.http,
                                                           options_.interrupt_fd, options_.clock})),
        store_(store != nullptr
                   ? std::move(store)
                   : open_store({options_.store, options_.inheritable, options_.etcd, options_.watchdog,
                                 options_.guard, options_.on_lost, options_.interrupt_fd})) {}

  const Options& options() const { return options_; }
  LockStore& store() { return *store_; }
  std::shared_ptr<const Inventory> inventory(BootClock::time_point deadline) {
    return provider_->inventory(deadline);
  }

  std::vector<Allocation> lock_many(const Requirements& requirements, std::chrono::nanoseconds timeout) {
    const auto started = options_.clock->now();
    const Requirements complete = requirements.with_defaults(options_.hostname);
    if (options_.adopt) {
      auto adopted = adopt({&options_, store_, secret_keys_}, complete, started, timeout);
      if (adopted) return std::move(*adopted);
    }
    return allocate(requirements, complete, started, timeout);
  }

 private:
  std::vector<Allocation> allocate(const Requirements& requirements, const Requirements& complete,
                                   BootClock::time_point started, std::chrono::nanoseconds timeout) {
    const auto deadline = deadline_after(started, timeout);
    std::shared_ptr<const Inventory> inventory;
    std::unique_ptr<InventoryWatch> watch;
    Wants wants;
    Request request;
    request.store = store_.get();
    request.options = &options_;
    request.requirements = redacted(requirements.json(), options_.secret_keys);
    request.owner = describe_owner(options_, options_.clock->wall());
    request.timeout = timeout;
    request.started = started;
    request.wants = [&](bool first) -> Wants {
      if (!first && watch == nullptr) watch = provider_->watch();
      auto current = first ? provider_->inventory(deadline) : watch->inventory();
      if (current == inventory) return wants;
      inventory = std::move(current);
      wants = candidates_.of(complete, inventory);
      if (first && !planner::possible(wants))
        throw ResourceNotFound(
            explain(complete, inventory->resources(), inventory->source(),
                    [this](const Json& value) { return redacted(value, options_.secret_keys); }));
      return wants;
    };
    if (looks_at_health(options_))
      request.examine = [&](Granted& granted, const Wants& granted_for) {
        return examine({options_, *store_, *inventory, request.owner}, granted, granted_for);
      };
    Granted granted = acquire(request);
    return describe(std::move(granted), requirements, *inventory, request);
  }

  std::vector<Allocation> describe(Granted granted, const Requirements& requirements,
                                   const Inventory& inventory, const Request& request) {
    const std::vector<Requirements::Part> asked = requirements.parts();
    const auto granted_at = options_.clock->now();
    std::vector<Allocation> result;
    for (std::size_t i = 0; i < granted.leases.size(); ++i) {
      auto impl = std::make_unique<Allocation::Impl>();
      impl->store = store_;
      impl->clock = options_.clock;
      impl->secret_keys = secret_keys_;
      impl->lease = std::move(granted.leases[i]);
      impl->resource_id = impl->lease->resource_id();
      impl->resource_info = inventory.find(impl->resource_id)->info;
      impl->requirements = asked[i].query.json();
      impl->role = asked[i].role;
      impl->alloc_id = granted.alloc_ids[i];
      impl->handle = impl->alloc_id;
      impl->fencing_token = impl->lease->fencing_token();
      impl->queue_time = granted_at - request.started;
      impl->granted_at = granted_at;
      impl->start_time = options_.clock->wall();
      if (options_.quarantine_after > 0 && asked[i].query.slots() == 0)
        impl->use = {options_.quarantine_after, request.owner, Outcome::kUnknown, ""};
      note_holding(impl->handle);
      result.emplace_back(std::move(impl));
    }
    return result;
  }

  const Options options_;
  const std::shared_ptr<const std::vector<std::string>> secret_keys_;
  const std::unique_ptr<Provider> provider_;
  const std::shared_ptr<LockStore> store_;
  Candidates candidates_;
};

Lockable::Lockable(Options options) : Lockable(std::move(options), nullptr, nullptr) {}

Lockable::Lockable(Options options, std::unique_ptr<Provider> provider, std::shared_ptr<LockStore> store)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(provider), std::move(store))) {}

Lockable::~Lockable() = default;

Allocation Lockable::lock(const Requirements& requirements, std::chrono::nanoseconds timeout) {
  if (requirements.size() != 1)
    throw InvalidRequirements(fmt::format(
        "lock() is for one resource, these requirements ask for {}: use lock_many()", requirements.size()));
  return std::move(impl_->lock_many(requirements, timeout).front());
}

std::vector<Allocation> Lockable::lock_many(const Requirements& requirements,
                                            std::chrono::nanoseconds timeout) {
  return impl_->lock_many(requirements, timeout);
}

void Lockable::unlock(Allocation& allocation) { allocation.unlock(); }

std::shared_ptr<const Inventory> Lockable::inventory() {
  return impl_->inventory(deadline_after(options().clock->now(), kDefaultTimeout));
}

const Options& Lockable::options() const { return impl_->options(); }
LockStore& Lockable::store() { return impl_->store(); }

}  // namespace lockable
