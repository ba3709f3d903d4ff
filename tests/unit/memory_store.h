/// \file
/// A lock store in memory and a clock that tests set, for the one loop that waits: no processes, no time
/// passing by itself.
#pragma once

#include <lockable/clock.h>
#include <lockable/error.h>
#include <lockable/lock_store.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace lockable::testing {

class SetClock : public Clock {
 public:
  BootClock::time_point now() const override { return now_; }
  WallTime wall() const override {
    return WallTime(std::chrono::hours(24 * 365 * 50)) + now_.time_since_epoch();
  }
  void advance_to(BootClock::time_point time) { now_ = std::max(now_, time); }

 private:
  BootClock::time_point now_{std::chrono::hours(1)};
};

/// Other processes are played by `on_wait`, called for every wait with the moment it would end by itself; the
/// clock is set to what it returns.
class MemoryStore : public LockStore {
 public:
  explicit MemoryStore(SetClock& clock) : clock_(clock) {}

  std::set<std::string> held;
  std::map<std::string, std::string> alloc_ids;  ///< under which it is held
  std::map<std::string, Json> reserved;          ///< by whom; these are held as well
  std::map<std::string, int> failures;           ///< Lease::failures()
  std::set<std::string> died;                    ///< whose last owner died
  bool reserving_fails = false;                  ///< a full disk
  std::vector<Ticket> others;                    ///< in the queue beside ours
  std::vector<std::string> woken;
  int stale_commits = 0;  ///< so many commits fail although the resource is free
  bool ours_in_queue = false;
  std::set<std::string> stopped;  ///< tickets whose owners are
  /// Somebody removes our ticket: our place makes another one.
  void remove_ours() { ours_.id += "'"; }
  std::function<BootClock::time_point(BootClock::time_point)> on_wait = [](auto until) { return until; };

  const std::string& uri() const override { return uri_; }

  Snapshot snapshot(const Ticket& mine, std::size_t) override {
    Snapshot snapshot;
    snapshot.queue = queue();
    if (!ours_in_queue && !mine.wants.empty()) snapshot.queue.push_back(mine);
    sort(snapshot.queue);
    const auto at = std::find_if(snapshot.queue.begin(), snapshot.queue.end(),
                                 [&mine](const Ticket& ticket) { return ticket.id == mine.id; });
    snapshot.place = static_cast<std::size_t>(at - snapshot.queue.begin()) + 1;
    snapshot.length = snapshot.queue.size();
    for (const std::string& id : held) snapshot.held.push_back({id, 0});
    return snapshot;
  }

  std::vector<Ticket> queue() override {
    std::vector<Ticket> all = others;
    if (ours_in_queue) all.push_back(ours_);
    sort(all);
    return all;
  }

  std::vector<std::unique_ptr<Lease>> commit(const Snapshot&, const std::vector<Claim>& claims,
                                             const Json&) override {
    std::vector<std::unique_ptr<Lease>> leases;
    if (stale_commits > 0 && stale_commits-- > 0) return leases;
    for (const Claim& claim : claims)
      if (held.count(claim.resource_id) > 0) return leases;
    ours_in_queue = false;
    for (const Claim& claim : claims) {
      held.insert(claim.resource_id);
      alloc_ids[claim.resource_id] = claim.alloc_id;
      leases.push_back(std::make_unique<MemoryLease>(*this, claim.resource_id));
    }
    return leases;
  }

  bool is_stopped(const Ticket& ticket) noexcept override { return stopped.count(ticket.id) > 0; }

  std::unique_ptr<Place> enqueue(Ticket ticket) override {
    ticket.id = "ours";
    ours_ = std::move(ticket);
    ours_in_queue = true;
    return std::make_unique<MemoryPlace>(*this);
  }

  void wake(const std::vector<std::string>& ids) noexcept override {
    woken.insert(woken.end(), ids.begin(), ids.end());
  }

  std::vector<Hold> holders(const std::string& id) override {
    if (reserved.count(id) > 0) return {{id, "", 0, reserved[id]}};
    if (held.count(id) == 0) return {};
    const auto alloc_id = alloc_ids.find(id);
    return {{id,
             alloc_id == alloc_ids.end() ? "someone's" : alloc_id->second,
             0,
             {{"user", "ann"}, {"pid", 4711}}}};
  }

  bool end_reservation(const std::string&) override { return false; }

  void keep_from_children(const std::string&) noexcept override {}

 private:
  class MemoryLease : public Lease {
   public:
    MemoryLease(MemoryStore& store, std::string id) : store_(store), id_(std::move(id)) {}
    ~MemoryLease() override { release(); }
    const std::string& resource_id() const override { return id_; }
    std::uint64_t fencing_token() const override { return 1; }
    bool previous_owner_died() const override { return store_.died.count(id_) > 0; }
    bool lost() const override { return false; }
    void release() noexcept override {
      if (ours_) store_.died.erase(id_);
      give_back_unused();
    }
    void give_back_unused() noexcept override {
      if (ours_) store_.held.erase(id_);
      ours_ = false;
    }
    void leave_reserved(const Json& owner) override {
      if (store_.reserving_fails) throw StoreError("disk full");
      store_.reserved[id_] = owner;
      ours_ = false;
    }
    int failures() const noexcept override { return store_.failures[id_]; }
    void note_failures(int count) noexcept override { store_.failures[id_] = count; }

   private:
    MemoryStore& store_;
    std::string id_;
    bool ours_ = true;
  };

  class MemoryPlace : public Place {
   public:
    explicit MemoryPlace(MemoryStore& store) : store_(store) {}
    ~MemoryPlace() override { store_.ours_in_queue = false; }
    const Ticket& ticket() const override { return store_.ours_; }
    void update(Wants wants) override {
      if (!store_.ours_in_queue) throw std::logic_error("the place is of no use after a commit for it");
      store_.ours_.wants = std::move(wants);
    }
    bool wait(BootClock::time_point until, int) override {
      store_.clock_.advance_to(store_.on_wait(until));
      return true;
    }

   private:
    MemoryStore& store_;
  };

  static void sort(std::vector<Ticket>& queue) {
    std::stable_sort(queue.begin(), queue.end(),
                     [](const Ticket& a, const Ticket& b) { return a.priority > b.priority; });
  }

  SetClock& clock_;
  std::string uri_ = "memory:";
  Ticket ours_;
};

}  // namespace lockable::testing
