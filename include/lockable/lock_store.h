/// \file
/// What makes holding exclusive. A store offers mechanics only: a snapshot of who waits and what is held, a
/// commit that takes resources all or none and fails when the snapshot went stale, and a place in the queue
/// to wait in. Who may take what is decided by the planner, from snapshots; every process plans the same from
/// the same snapshot.
///
/// What every store promises:
/// - one holder per resource;
/// - a commit takes all or none;
/// - nothing is held once the holding process, and all that inherited the lock from it, have died;
/// - fencing tokens of one resource only grow;
/// - the queue is ordered by arrival, higher priority first; a ticket leaves it when its process dies.
///
/// Thread rule: a LockStore may be used from any thread; a Place and a Lease by one thread at a time.
/// All calls throw StoreError (file: LockFolderError) when the store cannot do its work; destructors never
/// throw.
#pragma once

#include <lockable/clock.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// One resource that a request needs.
struct Want {
  std::vector<std::string> candidates;  ///< ids of the resources that would do, the preferred first
  /// For each candidate a text: the resources granted for one ticket must all have the same (`$same`). Empty
  /// when nothing has to agree.
  std::vector<std::string> same = {};
  int slots = 0;  ///< how many slots of the resource it needs (`$slots`); 0: the whole resource

  friend bool operator==(const Want& a, const Want& b) {
    return a.candidates == b.candidates && a.same == b.same && a.slots == b.slots;
  }
};

/// A request that waits, as its owner worked it out from its own inventory: everybody plans from tickets
/// alone.
struct Ticket {
  std::string id;           ///< given by LockStore::enqueue(); ids of one store sort in order of arrival
  int priority = 0;         ///< higher goes first
  std::vector<Want> wants;  ///< granted all or none, each a different resource
  Json owner;               ///< who waits, see Hold::owner
};

/// What is known about a resource that somebody holds.
struct Hold {
  std::string resource_id;
  std::string alloc_id;  ///< empty when the holder is not one of ours (py-lockable)
  /// Who holds it. A JSON object, every key optional: `pid` (integer), `start_time` (clock ticks since boot,
  /// proc(5)), `boot_id`, `pid_namespace` (inode number), `user`, `host`, `command`, `test`, `note`, `since`
  /// (ISO 8601, UTC).
  Json owner;
};

/// Who waits and what is held, at one moment.
struct Snapshot {
  std::uint64_t revision = 0;     ///< the store's own mark of that moment, for commit()
  std::vector<Ticket> queue;      ///< highest priority first, then by arrival
  std::vector<std::string> held;  ///< sorted ids, of those that any ticket names, that cannot be taken now
};

/// A resource to take, and the id under which the allocation will be known.
struct Claim {
  std::string resource_id;
  std::string alloc_id;
};

/// The store's hold on one resource. The destructor releases; in a forked child it does nothing, since the
/// lock is its parent's.
class Lease {
 public:
  virtual ~Lease() = default;
  virtual const std::string& resource_id() const = 0;
  virtual std::uint64_t fencing_token() const = 0;
  /// The last holder died without releasing: the hardware may be in any state.
  virtual bool previous_owner_died() const = 0;
  /// True once the lock is known not to be ours any more. Asks the store; does not wait.
  virtual bool lost() const = 0;
  /// Gives the resource back at once, whoever inherited the lock. Never throws; a second call does nothing.
  virtual void release() noexcept = 0;
};

/// A place in the queue; the destructor leaves it.
class Place {
 public:
  virtual ~Place() = default;
  virtual const Ticket& ticket() const = 0;
  /// Replaces what the ticket asks for (the inventory changed); the place in the queue stays.
  virtual void update(std::vector<Want> wants) = 0;
  /// Blocks until something may have changed for this ticket, `until` has come, or `interrupt_fd` (when not
  /// -1) is readable, but at most about a second. False when nothing is known to have changed: a snapshot is
  /// not worth its while yet.
  virtual bool wait(BootClock::time_point until, int interrupt_fd) = 0;
};

class LockStore {
 public:
  virtual ~LockStore() = default;
  /// The URI that opens this store again, `file:/tmp` for instance.
  virtual const std::string& uri() const = 0;
  /// The queue, and what of `mine` and the queue's candidates is held. Does not wait.
  virtual Snapshot snapshot(const Ticket& mine) = 0;
  /// Takes all the claims or none; empty when one of them could not be had (the snapshot is stale: take
  /// another). `owner` describes the holder (Hold::owner). Does not wait.
  virtual std::vector<std::unique_ptr<Lease>> commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                                     const Json& owner) = 0;
  /// Joins the queue: `ticket.id` is ignored and given anew. Does not wait. The place must not outlive the
  /// store.
  virtual std::unique_ptr<Place> enqueue(Ticket ticket) = 0;
  /// Ends Place::wait() of these tickets. Tickets that are gone are ignored.
  virtual void wake(const std::vector<std::string>& ticket_ids) noexcept = 0;
  /// Who holds the resource, or nothing when nobody does.
  virtual std::optional<Hold> holder(const std::string& resource_id) = 0;
  /// When this process inherited the lock on that resource from a parent, keeps it from its own children.
  virtual void keep_from_children(const std::string& resource_id) noexcept = 0;
};

/// How a store is to be opened.
struct StoreOptions {
  std::string uri;  ///< `file:DIR`
  bool inheritable =
      false;  ///< children of this process inherit the locks, as under flock(1); else no child ever does
};

/// Opens a store; a missing lock folder is made. Throws StoreError for a URI of no known kind,
/// LockFolderError for a folder that cannot be used.
std::shared_ptr<LockStore> open_store(const StoreOptions& options);

}  // namespace lockable
