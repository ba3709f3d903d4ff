/// \file
/// lockable: exclusive use of shared resources (boards, phones, GPUs, instruments, licences) for tests.
///
///     lockable::Options options;
///     options.resources = "resources.json";
///     lockable::Lockable lab(options);
///     lockable::Allocation board = lab.lock("type=nrf52", 30s);   // the destructor releases
///     flash(board.resource_info()["serial"]);
#pragma once

#include <lockable/allocation.h>
#include <lockable/clock.h>
#include <lockable/error.h>
#include <lockable/lock_store.h>
#include <lockable/provider.h>
#include <lockable/requirements.h>
#include <lockable/version.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lockable {

/// What a request is waiting for, at one moment.
struct Waiting {
  Json requirements;                 ///< as stated: an object, or an array of objects
  std::chrono::nanoseconds waited;   ///< since the request was made
  std::chrono::nanoseconds timeout;  ///< the whole time it may wait
  std::size_t place;                 ///< 1 is the head of the queue
  std::size_t queue_length;          ///< all that wait in this store, this request included
  std::vector<Hold> holders;         ///< of the resources that would do; at most ten
  /// When nobody holds any: of those ahead who may use one, who is first (Hold::owner); else null.
  Json ahead;
};

/// The same in words, one line without an end of line: what for, who holds it and since when, the place in
/// the queue.
std::string describe(const Waiting& waiting);

/// How a Lockable works. Every member has a default.
struct Options {
  /// The inventory: a JSON array, or a string: a URL (`http://…`, `https://…`) or the path of a file.
  Json resources = "resources.json";
  /// How it is asked for behind a URL.
  HttpOptions http;
  /// What `hostname` in the inventory must say, unless a query sets it. Default: this machine's name.
  std::string hostname;
  /// Where the lock files are. Default: the environment's LOCKABLE_LOCK_FOLDER, else the system's temporary
  /// folder.
  std::string lock_folder;
  /// URI of the lock store, `file:DIR` or `etcd://…` (StoreOptions::uri). The first wins over lock_folder;
  /// with the second the locks in lock_folder, where that is set, are taken as well.
  std::string store;
  /// How an etcd cluster is asked.
  EtcdOptions etcd;
  /// Higher goes first among those who wait: each step counts as much as having come a minute earlier
  /// (kPriorityStep).
  int priority = 0;
  /// Resource keys whose values reach the holder only (`*` stands for any text, letter case does not matter,
  /// at any depth).
  std::vector<std::string> secret_keys = {"*password*", "*passwd*", "*token*", "*secret*"};
  /// Use allocations of the surrounding program (environment LOCKABLE_ALLOCATIONS) when they satisfy a
  /// request.
  bool adopt = true;
  /// Children of this process inherit its locks, as under flock(1). Default: no child ever holds them.
  bool inheritable = false;
  /// Free text about us, for those who wait. Default: the URL of the CI job that the environment tells of.
  std::string note;
  /// What we hold for, for those who wait: the name of a program. Default: this program's.
  std::string command;
  /// Names the test that asks, for those who wait; called with each request by its thread. May be empty.
  std::function<std::string()> current_test;
  /// Called by the thread that waits, at once when it starts to wait, and then about every
  /// `waiting_interval`. May throw: the request then leaves the queue and lock() passes the exception on.
  std::function<void(const Waiting&)> on_waiting;
  std::chrono::nanoseconds waiting_interval = std::chrono::seconds(1);
  /// Called for what a person should hear although the request goes on (a broken inventory file, say), by a
  /// thread that made a request.
  std::function<void(const std::string&)> on_warning;
  /// A descriptor that ends waiting, for resources or for a server, with Interrupted when it becomes
  /// readable; not owned. -1: none.
  int interrupt_fd = -1;
  /// What this process holds may be lost (Allocation::lost()), in etcd when the cluster does not hear from us
  /// for long: then it is called, once, by a thread of the store. Must not throw, and not use this Lockable.
  std::function<void(const std::string& why)> on_lost;
  /// In time before others could get what this process holds, it is ended: StoreOptions::watchdog.
  bool watchdog = false;
  /// Or by a watchdog of your own: StoreOptions::guard.
  Guard guard;
  /// A shell command that tells whether a resource works: run on each that was granted, before lock() returns
  /// it, while it is held; not on adopted ones. It finds the resource in LOCKABLE_RESOURCE_<KEY>, has no
  /// input and none of our descriptors, and is ended with its whole process group. When it ends with anything
  /// but 0 the resource is set aside: released, and reserved in the same moment (Hold::owner) with what the
  /// probe printed last. The request then goes on in its old place: another resource, or the same when it is
  /// free again; AllSetAside when too few are left. A probe counts against the timeout of lock() but is never
  /// cut short by it; a timeout of 0 tries each resource that is free once. What is shared by `$slots` is
  /// probed as well but cannot be set aside: the request fails with AllSetAside. Empty: none.
  std::string probe;
  /// So long a probe may take; then it has failed.
  std::chrono::nanoseconds probe_timeout = std::chrono::minutes(1);
  /// So long a resource that failed its probe is set aside, unless LockStore::end_reservation() ends that
  /// (`lockablectl release`).
  std::chrono::nanoseconds set_aside_for = std::chrono::minutes(10);
  /// A whole resource is set aside for good, until LockStore::end_reservation(), after so many owners in a
  /// row that failed (Allocation::note_outcome()) or died without releasing it; a success starts anew. Who
  /// counts is whoever has this set, so all should. 0: never.
  int quarantine_after = 0;
  /// What others are going to ask for and is in no queue yet, the rest of a test run say: where it can, a
  /// request leaves to them what they need more.
  std::vector<Demand> demand;
  /// Where time comes from; nullptr: Clock::system().
  std::shared_ptr<const Clock> clock;
};

/// The door to an inventory and a lock store. Any thread may call any function; each lock() blocks its own
/// thread only. It may be destroyed before the allocations it made.
class Lockable {
 public:
  static constexpr std::chrono::seconds kDefaultTimeout{1000};

  /// Opens provider and store. Throws InvalidInventory for an array at fault, StoreError when the store
  /// cannot be used. A file is read, and a URL asked, with the first request.
  explicit Lockable(Options options = {});
  Lockable(Options options, std::unique_ptr<Provider> provider, std::shared_ptr<LockStore> store);
  ~Lockable();
  Lockable(const Lockable&) = delete;
  Lockable& operator=(const Lockable&) = delete;

  /// Allocates one resource. Blocks until it is granted, at most `timeout` (0 tries once, negative is 0).
  /// Throws InvalidRequirements (also for requirements of several resources), ResourceNotFound at once when
  /// nothing matches, AllocationTimeout, InvalidInventory, ProviderError, StoreError, Interrupted;
  /// AllSetAside (Options::probe), and Error when the probe cannot be run. Deadlock: at once, when all that
  /// would do is held, in the end, by requests that wait for what this thread holds. What other threads of
  /// this program hold does not count, since they may give it back; so give no allocation to another thread
  /// and then wait here for the same resource.
  Allocation lock(const Requirements& requirements, std::chrono::nanoseconds timeout = kDefaultTimeout);

  /// Allocates all the resources asked for, or none; in the order of Requirements::parts(). As lock()
  /// otherwise.
  std::vector<Allocation> lock_many(const Requirements& requirements,
                                    std::chrono::nanoseconds timeout = kDefaultTimeout);

  /// The same as allocation.unlock().
  void unlock(Allocation& allocation);

  /// The inventory as it is now. Throws InvalidInventory, ProviderError.
  std::shared_ptr<const Inventory> inventory();

  /// The options as they are in force: defaults filled in.
  const Options& options() const;
  LockStore& store();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lockable
