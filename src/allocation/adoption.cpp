#include "allocation/adoption.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "allocation/allocation_impl.h"
#include "allocation/candidates.h"
#include "allocation/fixture.h"
#include "allocation/holdings.h"
#include "allocation/owner.h"
#include "allocation/request.h"
#include "allocation/surrounding.h"
#include "json/secrets.h"
#include "planner/planner.h"
#include "platform/named_process.h"

namespace lockable {
namespace {

/// The handles this process uses now: a second request must get a resource of its own, not wait for the
/// first.
class InUse {
 public:
  bool contains(const std::string& handle) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return handles_.count(handle) > 0;
  }
  bool add(const std::string& handle) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return handles_.insert(handle).second;
  }
  void remove(const std::string& handle) {
    const std::lock_guard<std::mutex> guard(mutex_);
    handles_.erase(handle);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> handles_;
};

InUse& in_use() {
  static auto* instance = new InUse;
  return *instance;
}

std::string text(const Json& element, const char* key) { return element.at(key).get<std::string>(); }

bool still_held(LockStore& store, const Json& element) {
  const std::vector<Hold> holds = store.holders(text(element, "resource_id"));
  return std::any_of(holds.begin(), holds.end(),
                     [&element](const Hold& hold) { return hold.alloc_id == text(element, "alloc_id"); });
}

class AdoptedLease : public Lease {
 public:
  AdoptedLease(std::shared_ptr<LockStore> store, Json element, std::unique_ptr<Lease> turn)
      : store_(std::move(store)),
        element_(std::move(element)),
        resource_id_(text(element_, "resource_id")),
        turn_(std::move(turn)) {}
  ~AdoptedLease() override { give_back(); }

  const std::string& resource_id() const override { return resource_id_; }
  std::uint64_t fencing_token() const override { return element_.value("fencing_token", std::uint64_t{0}); }
  bool previous_owner_died() const override { return turn_->previous_owner_died(); }
  bool lost() const override try {
    return ours_ ? !still_held(*store_, element_) : was_lost_;
  } catch (const StoreError&) {
    return true;
  }
  /// Of our turn: how long the surrounding program holds it, it alone knows.
  BootClock::time_point held_until() const noexcept override { return turn_->held_until(); }
  void release() noexcept override {
    if (ours_) was_lost_ = AdoptedLease::lost();
    give_back();
  }
  void leave_reserved(const Json& /*owner*/) override {
    throw StoreError("resource " + resource_id_ +
                     " is held by a surrounding program: it alone can reserve it");
  }

 private:
  void give_back() noexcept {
    if (!ours_) return;
    ours_ = false;
    turn_->release();
    in_use().remove(text(element_, "handle"));
  }

  std::shared_ptr<LockStore> store_;
  Json element_;
  std::string resource_id_;
  std::unique_ptr<Lease> turn_;  // our turn to use it
  bool ours_ = true;
  bool was_lost_ = false;
};

/// One surrounding allocation that may serve a part.
struct Offer {
  Json element;
  std::shared_ptr<LockStore> store;
};

// Nothing when the store cannot be used from here: then it is not ours to adopt.
std::shared_ptr<LockStore> try_open(const Adopter& adopter, const std::string& uri) try {
  return uri == adopter.store->uri() ? adopter.store
                                     : open_store({uri, adopter.options->inheritable, adopter.options->etcd});
} catch (const StoreError&) {
  return nullptr;
}

// Who started us uses it already, and may wait for us to end: our turn would never come.
bool used_by_an_ancestor(LockStore& store, const Json& element) {
  const std::vector<platform::ProcessKey> above = platform::ancestors();
  const std::vector<Hold> turns = store.holders(kTurns + text(element, "handle"));
  return std::any_of(turns.begin(), turns.end(), [&above](const Hold& turn) {
    const auto user = platform::named_process(turn.owner);
    return user && std::find(above.begin(), above.end(), *user) != above.end();
  });
}

std::vector<Offer> offers(const Adopter& adopter) {
  std::vector<Offer> result;
  for (Json& element : surrounding_allocations()) {
    if (in_use().contains(text(element, "handle"))) continue;
    auto store = try_open(adopter, text(element, "store"));
    if (store != nullptr && still_held(*store, element) && !used_by_an_ancestor(*store, element))
      result.push_back({std::move(element), std::move(store)});
  }
  return result;
}

// A test that requires a fixture counts on the very hardware that it held for the tests before.
void check_fixtures(const Adopter& adopter) {
  for (const Fixture& fixture : required_fixtures()) {
    if (!fixture.skipped.empty())
      throw FixtureSkipped(fmt::format("the fixture {} holds nothing: {}", fixture.name, fixture.skipped));
    for (const Json& element : fixture.allocations) {
      const auto store = try_open(adopter, text(element, "store"));
      if (store == nullptr || still_held(*store, element)) continue;
      throw LockLost(
          fmt::format("the fixture {} does not hold {} any more, although it is required here: its "
                      "holder (pid {}) has ended, or its lock was removed. Run ctest again",
                      fixture.name, text(element, "resource_id"), fixture.holder.pid));
    }
  }
}

// Which offer serves which part; empty when they do not serve all.
std::vector<Offer> choose(const std::vector<Offer>& all, const Requirements& complete) {
  std::vector<Resource> resources;
  std::vector<const Resource*> pointers;
  resources.reserve(all.size());
  for (const Offer& offer : all) {
    resources.push_back({std::to_string(resources.size()), offer.element.at("resource")});
    pointers.push_back(&resources.back());
  }
  std::vector<Offer> result;
  for (const std::string& number : planner::best(wants_of(complete, pointers)))
    result.push_back(all[std::stoul(number)]);
  return result;
}

// Waits for our turn with all of them, all or none.
Granted take_turn(const Adopter& adopter, const std::vector<Offer>& chosen, BootClock::time_point started,
                  std::chrono::nanoseconds timeout) {
  Request request;
  request.store = chosen.front().store.get();
  request.options = adopter.options;
  request.owner = describe_owner(*adopter.options, adopter.options->clock->wall());
  request.timeout = timeout;
  request.started = started;
  std::vector<Want> turns;
  request.requirements = "the use of the surrounding allocation of";
  for (const Offer& offer : chosen) {
    turns.push_back({{kTurns + text(offer.element, "handle")}});
    request.requirements = request.requirements.get<std::string>() + " " + text(offer.element, "resource_id");
  }
  request.wants = [wants = Wants(std::move(turns))](bool) { return wants; };
  return acquire(request);
}

std::unique_ptr<Allocation::Impl> describe_adopted(const Adopter& adopter, const Offer& offer) {
  auto impl = std::make_unique<Allocation::Impl>();
  impl->store = offer.store;
  impl->clock = adopter.options->clock;
  impl->secret_keys = adopter.secret_keys;
  impl->resource_info = offer.element.at("resource");
  impl->resource_id = text(offer.element, "resource_id");
  impl->alloc_id = text(offer.element, "alloc_id");
  impl->handle = text(offer.element, "handle");
  impl->fencing_token = offer.element.value("fencing_token", std::uint64_t{0});
  impl->adopted = true;
  impl->granted_at = adopter.options->clock->now();
  impl->start_time = adopter.options->clock->wall();
  return impl;
}

}  // namespace

std::optional<std::vector<Allocation>> adopt(const Adopter& adopter, const Requirements& complete,
                                             BootClock::time_point started,
                                             std::chrono::nanoseconds timeout) {
  check_fixtures(adopter);
  const std::vector<Offer> chosen = choose(offers(adopter), complete);
  if (chosen.empty()) return std::nullopt;
  const bool one_store = std::all_of(chosen.begin(), chosen.end(), [&](const Offer& offer) {
    return offer.store->uri() == chosen.front().store->uri();
  });
  if (!one_store) return std::nullopt;
  Granted turns = take_turn(adopter, chosen, started, timeout);
  const std::vector<Requirements::Part> parts = complete.parts();
  std::vector<Allocation> result;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Offer& offer = chosen[i];
    // While we waited for our turn the surrounding program may have ended.
    if (!still_held(*offer.store, offer.element)) {
      check_fixtures(adopter);
      return std::nullopt;
    }
    if (!in_use().add(text(offer.element, "handle"))) return std::nullopt;
    if (!adopter.options->inheritable) offer.store->keep_from_children(text(offer.element, "resource_id"));
    auto impl = describe_adopted(adopter, offer);
    impl->handle = turns.alloc_ids[i];  // our own children adopt it from us
    impl->role = parts[i].role;
    impl->requirements = parts[i].query.json();
    impl->queue_time = impl->granted_at - started;
    impl->lease = std::make_unique<AdoptedLease>(offer.store, offer.element, std::move(turns.leases[i]));
    note_holding(impl->handle);
    result.emplace_back(std::move(impl));
  }
  return result;
}

Allocation borrow(const Json& element, const Options& options) try {
  const Options with_clock = [&options] {
    Options copy = options;
    if (copy.clock == nullptr) copy.clock = Clock::system();
    return copy;
  }();
  const Adopter adopter{&with_clock, nullptr,
                        std::make_shared<const std::vector<std::string>>(options.secret_keys)};
  auto impl = describe_adopted(adopter, {element, open_store({text(element, "store"), false, options.etcd})});
  impl->role = element.value("role", "");
  impl->requirements = element.value("requirements", Json::object());
  const auto queue_time = std::chrono::duration<double, std::milli>(element.value("queue_time_ms", 0.0));
  impl->queue_time = std::chrono::duration_cast<std::chrono::nanoseconds>(queue_time);
  return Allocation(std::move(impl));
} catch (const Json::exception& error) {
  throw Error(std::string("the description of a surrounding allocation is malformed: ") + error.what());
}

}  // namespace lockable
