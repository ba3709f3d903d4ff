/// \file
/// What makes holding exclusive. A store offers mechanics only: a snapshot of who waits and what is held, a
/// commit that takes resources all or none and fails when the snapshot went stale, and a place in the queue
/// to wait in. Who may take what is decided by the planner, from snapshots; every process plans the same from
/// the same snapshot.
///
/// What every store promises:
/// - one holder per resource, or per slot of a resource that requests share (`$slots`);
/// - a commit takes all or none;
/// - nothing is held once the holding process, and all that inherited the lock from it, have died;
/// - fencing tokens of one resource only grow (of slots taken in the same microsecond they may be equal);
/// - the queue is ordered by rank_of(); a ticket leaves it when its process dies.
///
/// Thread rule: a LockStore may be used from any thread; a Place and a Lease by one thread at a time.
/// All calls throw StoreError (file: LockFolderError) when the store cannot do its work; destructors never
/// throw.
#pragma once

#include <lockable/clock.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// Resources whose names start so are turns in the use of an allocation: nobody asks for one again.
constexpr const char* kTurns = "adoption/";

/// More slots of one resource do not count.
constexpr int kMostSlots = 1 << 20;

/// One resource that a request needs.
struct Want {
  std::vector<std::string> candidates;  ///< ids of the resources that would do, the preferred first
  /// For each candidate a text: the resources granted for one ticket must all have the same (`$same`). Empty
  /// when nothing has to agree.
  std::vector<std::string> same = {};
  int slots = 0;  ///< how many slots of the resource it needs (`$slots`); 0: the whole resource
  /// For each candidate how well it does, 0 the best (`$prefer`). Empty: all alike.
  std::vector<int> ranks = {};
  /// For each candidate how many slots it has. Empty for a whole resource.
  std::vector<int> capacities = {};

  friend bool operator==(const Want& a, const Want& b) {
    return a.slots == b.slots && a.candidates == b.candidates && a.ranks == b.ranks && a.same == b.same &&
           a.capacities == b.capacities;
  }
};

/// All that one request needs. Immutable and cheap to copy: a crowd often wants the same.
class Wants {
 public:
  Wants() : Wants(std::vector<Want>()) {}
  Wants(std::initializer_list<Want> wants) : Wants(std::vector<Want>(wants)) {}
  Wants(std::vector<Want> wants) : all_(std::make_shared<const std::vector<Want>>(std::move(wants))) {}

  std::vector<Want>::const_iterator begin() const { return all_->begin(); }
  std::vector<Want>::const_iterator end() const { return all_->end(); }
  std::size_t size() const { return all_->size(); }
  bool empty() const { return all_->empty(); }
  const Want& front() const { return all_->front(); }
  const Want& operator[](std::size_t index) const { return (*all_)[index]; }
  const Want& at(std::size_t index) const { return all_->at(index); }

  /// The same for copies of one another.
  const void* identity() const { return all_.get(); }

  friend bool operator==(const Wants& a, const Wants& b) { return a.all_ == b.all_ || *a.all_ == *b.all_; }
  friend bool operator!=(const Wants& a, const Wants& b) { return !(a == b); }

 private:
  std::shared_ptr<const std::vector<Want>> all_;
};

/// A step of priority counts as much as having come so much earlier. So nobody is passed over for ever: a
/// request of priority 0 goes before those of priority 5 that come more than five minutes after it.
constexpr std::chrono::nanoseconds kPriorityStep = std::chrono::minutes(1);
/// Higher priorities, and lower negative ones, count as this.
constexpr int kMostPriority = 1'000'000;

/// Where in the queue a request belongs that came at `arrival` (on a clock of the store): the smaller goes
/// first.
std::chrono::nanoseconds rank_of(std::chrono::nanoseconds arrival, int priority);

/// A request that waits, as its owner worked it out from its own inventory: everybody plans from tickets
/// alone.
struct Ticket {
  std::string id;                    ///< given by the store
  int priority = 0;                  ///< see rank_of()
  std::chrono::nanoseconds rank{0};  ///< given by the store: rank_of() its arrival
  Wants wants;                       ///< granted all or none, each a different resource
  /// The alloc_ids that its owner holds and will not give back before it got this too.
  std::vector<std::string> holding = {};
  Json owner;  ///< who waits, see Hold::owner
};

/// What is known about a resource, or some of its slots, that somebody holds.
struct Hold {
  std::string resource_id;
  std::string alloc_id;  ///< empty when the holder is not one of ours (py-lockable), and for reservations
  int slots = 0;         ///< how many of the resource's slots; 0: the whole resource
  /// Who holds it. A JSON object, every key optional: `pid` (integer), `start_time` (clock ticks since boot,
  /// proc(5)), `boot_id`, `pid_namespace` (inode number), `user`, `host`, `command`, `test`, `note`, `since`
  /// (ISO 8601, UTC). Of a reservation also `reserved` (true), `set_aside` (true when it failed its probe or
  /// its owners), `until` (ISO 8601, UTC; for ever without it).
  Json owner;
};

/// What cannot be taken now.
struct Held {
  std::string resource_id;
  int slots = 0;  ///< so many of its slots are taken; 0: none of it can be had

  friend bool operator<(const Held& a, const Held& b) { return a.resource_id < b.resource_id; }
};

/// So many requests want this.
struct Demand {
  Wants wants;
  std::size_t count = 0;
};

/// Who waits and what is held, at one moment.
struct Snapshot {
  std::uint64_t revision = 0;  ///< the store's own mark of that moment, for commit()
  std::string mine;            ///< the ticket that was asked for, when it is in the queue
  /// In order of rank, the ticket that was asked for included. Of many that want the same there may be only
  /// as many as can be served now.
  std::vector<Ticket> queue;
  std::vector<Demand> demand;  ///< the tickets that are left out of `queue`
  std::size_t place = 0;       ///< 1: the ticket asked for is, or would be, the head of the queue
  std::size_t length = 0;      ///< of the whole queue, the ticket asked for included
  /// The queue goes on behind what is in `queue`: enough for who has no request of his own and only wakes
  /// others.
  bool partial = false;
  std::vector<Held> held;  ///< sorted by id; of all that the queue wants
  /// When what is free was taken last, on any scale that grows; what is missing was never, or it matters not.
  std::map<std::string, std::uint64_t> last_used;
};

/// What to take, and the id under which the allocation will be known.
struct Claim {
  std::string resource_id;
  std::string alloc_id;
  int slots = 0;     ///< 0: the whole resource
  int capacity = 0;  ///< how many slots it has, where slots are asked for
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
  /// True once the lock is known not to be ours any more. Asks the store; does not wait. After release():
  /// whether it was lost before; asks nobody.
  virtual bool lost() const = 0;
  /// Until then nobody else can have got it, whatever happens; moves on as long as the store hears from us.
  virtual BootClock::time_point held_until() const noexcept { return BootClock::time_point::max(); }
  /// Gives the resource back at once, whoever inherited the lock. Never throws; a second call does nothing.
  virtual void release() noexcept = 0;
  /// The same for what was taken but never used: when its last holder died, the next one is still told.
  virtual void give_back_unused() noexcept { release(); }
  /// Gives the lease of a whole resource up and leaves a reservation in its place, at one stroke: nobody can
  /// have it until end_reservation(), or until the time that `owner` says (Hold::owner). It outlives every
  /// process and the machine's next start. Throws StoreError; the lease then stays.
  virtual void leave_reserved(const Json& owner) = 0;
  /// A note that the store keeps about the resource for those who hold it: how many owners in a row failed
  /// (Options::quarantine_after). It may be lost: 0.
  virtual int failures() const noexcept { return 0; }
  virtual void note_failures(int /*count*/) noexcept {}
};

/// A place in the queue; the destructor leaves it.
class Place {
 public:
  virtual ~Place() = default;
  virtual const Ticket& ticket() const = 0;
  /// Replaces what the ticket asks for (the inventory changed); its rank stays, its id may change.
  virtual void update(Wants wants) = 0;
  /// Blocks until something may have changed for this ticket, `until` has come, or `interrupt_fd` (when not
  /// -1) is readable, but at most some seconds. False when nothing is known to have changed: a snapshot is
  /// not worth its while yet.
  virtual bool wait(BootClock::time_point until, int interrupt_fd) = 0;
};

/// One thing that LockStore::examine() looked at.
struct Finding {
  enum class Kind { kGood, kDoubt, kProblem };
  Kind kind = Kind::kGood;
  std::string text;  ///< what was found; of a doubt or problem also what to do
};

class LockStore {
 public:
  virtual ~LockStore() = default;
  /// The URI that opens this store again, `file:/tmp` for instance.
  virtual const std::string& uri() const = 0;
  /// The queue with `mine` in it (which need not have been queued: then as if it came now, or as its rank
  /// says), and what of their candidates is held. `spare` tickets are not to be served although they could
  /// (they do not answer). Does not wait.
  virtual Snapshot snapshot(const Ticket& mine, std::size_t spare = 0) = 0;
  /// Takes all the claims or none; empty when one of them could not be had (the snapshot is stale: take
  /// another). `owner` describes the holder (Hold::owner). The ticket that the snapshot was made for may
  /// leave the queue at the same stroke: its place is of no use any more then. Does not wait.
  virtual std::vector<std::unique_ptr<Lease>> commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                                     const Json& owner) = 0;
  /// Whether the queue has a ticket, cheaply; may count one of the dead. Does not wait.
  virtual bool anybody_waits() { return !queue().empty(); }
  /// Joins the queue: `ticket.id` is ignored and given anew, and so is `ticket.rank` unless it is set: a
  /// request that comes back keeps its place. Does not wait. The place must not outlive the store.
  virtual std::unique_ptr<Place> enqueue(Ticket ticket) = 0;
  /// Ends Place::wait() of these tickets. Tickets that are gone are ignored.
  virtual void wake(const std::vector<std::string>& ticket_ids) noexcept = 0;
  /// All tickets in order of rank. Does not wait.
  virtual std::vector<Ticket> queue() = 0;
  /// Whether who waits with that ticket is known to be stopped (SIGSTOP), so that it takes nothing now: only
  /// of processes of this machine that this one can see. Does not wait.
  virtual bool is_stopped(const Ticket& ticket) noexcept;
  /// Who holds the resource, or its slots; empty when nobody does.
  virtual std::vector<Hold> holders(const std::string& resource_id) = 0;
  /// The processes that have the lock on the resource or on its slots, those that inherited it included; only
  /// those that this process can see and may end. Does not wait.
  virtual std::vector<int> keepers(const std::string& /*resource_id*/) { return {}; }
  /// Ends a reservation; the caller wakes those who wait. False when there is none.
  virtual bool end_reservation(const std::string& resource_id) = 0;
  /// Looks whether the store can do its work: reachable, allowed, fast enough. Blocks some seconds at most;
  /// does not throw for what it finds.
  virtual std::vector<Finding> examine() { return {}; }
  /// When this process inherited the lock on that resource from a parent, keeps it from its own children.
  virtual void keep_from_children(const std::string& resource_id) noexcept = 0;
};

/// How an etcd cluster is asked. What is empty comes from the environment, from the variable named.
struct EtcdOptions {
  std::string user;              ///< LOCKABLE_ETCD_USER; empty: the cluster asks for none
  std::string password;          ///< LOCKABLE_ETCD_PASSWORD
  std::string password_file;     ///< LOCKABLE_ETCD_PASSWORD_FILE; instead of `password`
  std::string ca_file;           ///< LOCKABLE_ETCD_CA: PEM; instead of the system's authorities
  std::string certificate_file;  ///< LOCKABLE_ETCD_CERT: PEM; our own
  std::string key_file;          ///< LOCKABLE_ETCD_KEY: PEM; empty: in `certificate_file`
  /// So long after its last sign of life what a process holds comes free, LOCKABLE_ETCD_LEASE_TIME in
  /// seconds. A break of the connection that is shorter by half loses nothing. 0: kEtcdLeaseTime.
  std::chrono::seconds lease_time{0};
};
constexpr std::chrono::seconds kEtcdLeaseTime{15};

/// When what this process holds may be given to others, as Lease::held_until() says it for one; while it
/// holds nothing, a moment of the near future, when to ask again. Any thread, in forked children as well:
/// what they see moves on. Never throws nor allocates.
using HeldUntil = std::function<BootClock::time_point()>;
/// StoreOptions::guard.
using Guard = std::function<void(const HeldUntil& held_until)>;

/// How a store is to be opened.
struct StoreOptions {
  /// `file:DIR`, or `etcd://host[:port][,host[:port]…][/namespace]`, with TLS `etcds://…`. Everything is kept
  /// within the namespace, `lockable` unless it is named. `etcd://…+file:DIR` takes both locks: the lab's,
  /// and the one that others on this machine respect.
  std::string uri;
  /// Children of this process inherit the locks, as under flock(1); else no child ever does. (Files only.)
  bool inheritable = false;
  EtcdOptions etcd = {};
  /// What this process holds may be given to others once it does not tell for long enough that it lives
  /// (Lease::held_until()): before that a process of our own ends this one with all that descend from it
  /// (SIGKILL), also while it is stopped, with a line on standard error. (Not for files: a lock on a file
  /// lasts as long as who has it.)
  bool watchdog = false;
  /// Called in time before anything is held that may be lost so, by the thread that asked, again when that
  /// lease (etcd's) was lost: for a watchdog of your own. May throw: the request then fails. May be empty.
  Guard guard = {};
  /// Called when what this process holds is lost: once, by a thread of the store, with the reason. Must not
  /// throw, and not use the store. May be empty.
  std::function<void(const std::string& why)> on_lost = {};
  /// A descriptor that, when it becomes readable, ends with Interrupted what asks a cluster that has not
  /// answered yet; not owned. -1: none.
  int interrupt_fd = -1;
};

/// Opens a store; a missing lock folder is made, a cluster is not asked yet. Throws StoreError for a URI of
/// no known kind or options that cannot be, LockFolderError for a folder that cannot be used.
std::shared_ptr<LockStore> open_store(const StoreOptions& options);

}  // namespace lockable
