#include "allocation/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "allocation/circle.h"
#include "allocation/holdings.h"
#include "allocation/offers.h"
#include "allocation/owner.h"
#include "allocation/wake_next.h"
#include "planner/planner.h"
#include "platform/time_text.h"
#include "platform/wakeup.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;
using planner::Grant;

constexpr int kStaleTries =
    20;  // for a request without time to wait, when others look at or touch its resource
constexpr int kLongestPause = 11;  // 50 us times two to the power of this: who keeps it may be stopped
constexpr auto kLookAnyway = 1s;
constexpr std::size_t kHoldersTold = 10;
constexpr std::size_t kVanishedTold = 10;

class Acquisition {
 public:
  explicit Acquisition(const Request& request)
      : request_(request),
        options_(*request.options),
        store_(*request.store),
        offers_(store_, *options_.clock),
        deadline_(deadline_after(request.started, request.timeout)) {
    ticket_.priority = options_.priority;
    ticket_.owner = request.owner;
    ticket_.holding = holdings();
  }

  Granted run() {
    for (bool first = true;; first = false) {
      const bool changed = refresh_wants(first);
      if (!changed && nothing_new_) {
        wait();
        continue;
      }
      // Where others wait, there is hardly anything to be had at once: the look comes after queueing.
      if (first && now() < deadline_ && store_.anybody_waits()) join_queue();
      Granted granted = attempt();
      if (!granted.leases.empty()) {
        if (is_good(granted)) return granted;
        come_back();
        continue;
      }
      if (now() >= deadline_ && (stale_ == 0 || stale_ > kStaleTries)) give_up();
      if (place_ == nullptr && now() < deadline_) {
        join_queue();
        continue;  // a release between the snapshot and here woke nobody: look again
      }
      if (place_ == nullptr) continue;
      check_for_circle(store_, ticket_);
      wait();
    }
  }

  /// Leaving may let others go on.
  ~Acquisition() { leave_queue(); }
  Acquisition(const Acquisition&) = delete;
  Acquisition& operator=(const Acquisition&) = delete;

 private:
  BootClock::time_point now() const { return options_.clock->now(); }

  // True when they are others than before.
  bool refresh_wants(bool first) {
    Wants wants = request_.wants(first);
    if (wants == ticket_.wants) return false;
    note_vanished(wants);
    ticket_.wants = std::move(wants);
    if (place_ == nullptr) return true;
    place_->update(ticket_.wants);
    ticket_ = place_->ticket();
    return true;
  }

  void note_vanished(const Wants& wants) {
    for (const Want& before : ticket_.wants)
      vanished_.insert(before.candidates.begin(), before.candidates.end());
    for (const Want& now : wants)
      for (const std::string& id : now.candidates) vanished_.erase(id);
  }

  Granted attempt() {
    snapshot_ = store_.snapshot(ticket_, offers_.size());
    snapshot_.demand.insert(snapshot_.demand.end(), options_.demand.begin(), options_.demand.end());
    const std::vector<Grant> grants = offers_.plan(snapshot_, ticket_);
    const Grant* mine = planner::find_grant(grants, ticket_.id);
    if (mine == nullptr) {
      stale_ = 0;
      return {};
    }
    Granted granted = commit(*mine);
    stale_ = granted.leases.empty() ? stale_ + 1 : 0;
    return granted;
  }

  // Leaves the queue. False when all was given back: the request then goes on in its old place.
  bool is_good(Granted& granted) {
    const bool waited = place_ != nullptr;
    place_.reset();
    if (waited && !still_does(granted)) return false;
    if (!request_.examine || request_.examine(granted, ticket_.wants)) return true;
    take_old_rank();
    return false;
  }

  // The inventory was read before the look: what came free because it has left that is not for us. Back in
  // the queue before that goes back, we keep what else we need.
  bool still_does(Granted& granted) try {
    if (!refresh_wants(false)) return true;
    std::vector<Want> wants;
    wants.reserve(granted.leases.size());
    for (std::size_t i = 0; i < granted.leases.size(); ++i)
      wants.push_back(planner::narrowed(
          ticket_.wants[i], [&](const std::string& id) { return id == granted.leases[i]->resource_id(); }));
    if (planner::possible(Wants(std::move(wants)))) return true;
    take_old_rank();
    if (now() < deadline_) join_queue();
    give_back(store_, granted);
    return false;
  } catch (...) {
    give_back(store_, granted);
    throw;
  }

  // It came before those who came while what it got was looked at.
  void take_old_rank() {
    for (const Ticket& ticket : snapshot_.queue)
      if (ticket.id == ticket_.id) ticket_.rank = ticket.rank;
    ticket_.id.clear();
  }

  Granted commit(const Grant& grant) {
    std::vector<Claim> claims;
    Granted granted;
    for (std::size_t i = 0; i < grant.resource_ids.size(); ++i) {
      granted.alloc_ids.push_back(new_alloc_id());
      const Want& want = ticket_.wants[i];
      claims.push_back(
          {grant.resource_ids[i], granted.alloc_ids[i], want.slots, capacity(want, grant.resource_ids[i])});
    }
    Json owner = ticket_.owner;
    owner["since"] = platform::iso8601(options_.clock->wall());
    granted.leases = store_.commit(snapshot_, claims, owner);
    return granted;
  }

  static int capacity(const Want& want, const std::string& id) {
    if (want.slots == 0) return 0;
    const auto at = std::find(want.candidates.begin(), want.candidates.end(), id) - want.candidates.begin();
    return want.capacities[static_cast<std::size_t>(at)];
  }

  // For another one.
  void come_back() {
    nothing_new_ = false;
    std::size_t candidates = 0;
    for (const Want& want : ticket_.wants) candidates += want.candidates.size();
    ++refused_;
    if (now() < deadline_ || (request_.timeout <= 0ns && refused_ < candidates)) return;
    snapshot_ = store_.snapshot(ticket_);
    give_up();
  }

  void wait() {
    auto until = deadline_;
    if (options_.on_waiting) {
      if (now() >= tell_at_) {
        options_.on_waiting(waiting());
        tell_at_ = now() + options_.waiting_interval;
      }
      until = std::min(until, tell_at_);
    }
    if (stale_ > 0) until = std::min(until, now() + (50us * (1 << std::min(stale_, kLongestPause))));
    until = std::min(until, offers_.next());
    // Nobody else's plan gives us what those keep who wait for us.
    if (!ticket_.holding.empty()) until = std::min(until, now() + kLookAnyway);
    nothing_new_ = !place_->wait(until, options_.interrupt_fd) && now() < until;
    if (place_->ticket().id != ticket_.id) ticket_ = place_->ticket();  // somebody had removed it
    if (platform::readable(options_.interrupt_fd))
      throw Interrupted("interrupted while " + describe(waiting_as_known()));
  }

  Waiting waiting() {
    if (nothing_new_) snapshot_ = store_.snapshot(ticket_);  // the last one is old
    holders_ = holders();
    ahead_ = holders_.empty() ? ahead() : Json();
    return waiting_as_known();
  }

  // Asks nobody: a store may be out of reach, and who interrupts us has no time.
  Waiting waiting_as_known() const {
    Waiting waiting;
    waiting.requirements = request_.requirements;
    waiting.waited = now() - request_.started;
    waiting.timeout = request_.timeout;
    waiting.place = snapshot_.place;
    waiting.queue_length = snapshot_.length;
    waiting.holders = holders_;
    waiting.ahead = ahead_;
    return waiting;
  }

  // Whose request keeps what would do for us, though nobody holds it.
  Json ahead() const {
    const auto would_do = [this](const std::string& id) {
      return std::any_of(ticket_.wants.begin(), ticket_.wants.end(), [&id](const Want& want) {
        return std::find(want.candidates.begin(), want.candidates.end(), id) != want.candidates.end();
      });
    };
    for (const Ticket& ticket : snapshot_.queue) {
      if (ticket.id == ticket_.id) break;
      for (const Want& want : ticket.wants)
        if (std::any_of(want.candidates.begin(), want.candidates.end(), would_do)) return ticket.owner;
    }
    return {};
  }

  std::vector<Hold> holders() {
    std::set<std::string> ids;
    std::vector<Hold> holds;
    for (const Want& want : ticket_.wants)
      for (const std::string& id : want.candidates) {
        if (holds.size() >= kHoldersTold) return holds;
        if (!std::binary_search(snapshot_.held.begin(), snapshot_.held.end(), Held{id, 0}) ||
            !ids.insert(id).second)
          continue;
        for (Hold& hold : store_.holders(id)) holds.push_back(std::move(hold));
      }
    return holds;
  }

  [[noreturn]] void give_up() {
    throw AllocationTimeout(fmt::format("no resource came free within {:g} s{}: {}",
                                        std::chrono::duration<double>(request_.timeout).count(), vanished(),
                                        describe(waiting())));
  }

  // Why nothing at all would do now, where that is so.
  std::string vanished() const {
    const bool nothing = std::any_of(ticket_.wants.begin(), ticket_.wants.end(),
                                     [](const Want& want) { return want.candidates.empty(); });
    if (!nothing || vanished_.empty()) return "";
    std::vector<std::string> ids(vanished_.begin(), vanished_.end());
    const bool all = ids.size() <= kVanishedTold;
    if (!all) ids.resize(kVanishedTold);
    return fmt::format(" ({}{} left the inventory, or {} not match any more)", fmt::join(ids, ", "),
                       all ? "" : " and more", vanished_.size() == 1 ? "does" : "do");
  }

  void join_queue() {
    place_ = store_.enqueue(ticket_);
    ticket_ = place_->ticket();
  }

  void leave_queue() noexcept {
    if (place_ == nullptr) return;
    place_.reset();
    wake_next(store_);
  }

  const Request& request_;
  const Options& options_;
  LockStore& store_;
  Offers offers_;
  const BootClock::time_point deadline_;
  Ticket ticket_;
  Snapshot snapshot_;
  std::vector<Hold> holders_;  // who was told of last
  Json ahead_;
  std::unique_ptr<Place> place_;
  BootClock::time_point tell_at_;   // on_waiting is due
  std::set<std::string> vanished_;  // would have done before the inventory changed
  bool nothing_new_ = false;        // the last wait ended for no reason that a look at the store would follow
  std::size_t refused_ = 0;         // grants that turned out to be no good
  int stale_ = 0;                   // commits in a row that failed although the plan said free
};

}  // namespace

void give_back(LockStore& store, Granted& granted) noexcept {
  for (const auto& lease : granted.leases) lease->give_back_unused();
  granted.leases.clear();
  wake_next(store);
}

Granted acquire(const Request& request) { return Acquisition(request).run(); }

BootClock::time_point deadline_after(BootClock::time_point start, std::chrono::nanoseconds timeout) {
  if (timeout <= 0ns) return start;
  const auto left = BootClock::time_point::max() - start;
  return timeout >= left ? BootClock::time_point::max() : start + timeout;
}

}  // namespace lockable
