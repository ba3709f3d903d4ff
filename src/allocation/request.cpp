#include "allocation/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "allocation/owner.h"
#include "planner/planner.h"
#include "platform/wakeup.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;
using planner::Grant;

constexpr auto kPassedOverAfter =
    1s;  // a ticket that does not take its grant (stopped, say) is passed over, and keeps its rank
constexpr int kStaleTries =
    20;  // for a request without time to wait, when others look at or touch its resource
constexpr std::size_t kHoldersTold = 10;
constexpr const char* kNotQueued = "not queued";

class Acquisition {
 public:
  explicit Acquisition(const Request& request)
      : request_(request),
        options_(*request.options),
        store_(*request.store),
        deadline_(deadline_after(request.started, request.timeout)) {
    ticket_.id = kNotQueued;
    ticket_.priority = options_.priority;
    ticket_.owner = request.owner;
  }

  Granted run() {
    for (bool first = true;; first = false) {
      refresh_wants(first);
      Granted granted = attempt();
      if (!granted.leases.empty()) {
        leave_queue();
        return granted;
      }
      if (now() >= deadline_ && (stale_ == 0 || stale_ > kStaleTries)) give_up();
      if (place_ == nullptr && now() < deadline_) {
        place_ = store_.enqueue(ticket_);
        ticket_ = place_->ticket();
        continue;  // a release between the snapshot and here woke nobody: look again
      }
      if (place_ != nullptr) wait();
    }
  }

  /// Leaving may let others go on.
  ~Acquisition() { leave_queue(); }
  Acquisition(const Acquisition&) = delete;
  Acquisition& operator=(const Acquisition&) = delete;

 private:
  using Offers = std::map<std::string, BootClock::time_point>;

  BootClock::time_point now() const { return options_.clock->now(); }

  void refresh_wants(bool first) {
    std::vector<Want> wants = request_.wants(first);
    const auto same = [](const Want& a, const Want& b) { return a.candidates == b.candidates; };
    if (std::equal(wants.begin(), wants.end(), ticket_.wants.begin(), ticket_.wants.end(), same)) return;
    ticket_.wants = std::move(wants);
    if (place_ != nullptr) place_->update(ticket_.wants);
  }

  Granted attempt() {
    snapshot_ = store_.snapshot(ticket_);
    std::vector<Ticket> queue = snapshot_.queue;
    if (place_ == nullptr) join(queue);
    const std::vector<Grant> grants = plan(queue);
    const Grant* mine = planner::find_grant(grants, ticket_.id);
    if (mine == nullptr) {
      stale_ = 0;
      return {};
    }
    Granted granted = commit(*mine);
    stale_ = granted.leases.empty() ? stale_ + 1 : 0;
    return granted;
  }

  void join(std::vector<Ticket>& queue) const {
    const auto behind = std::find_if(queue.begin(), queue.end(), [this](const Ticket& other) {
      return other.priority < ticket_.priority;
    });
    queue.insert(behind, ticket_);
  }

  // Remembers since when others could go on, and wakes those whom we see so for the first time. What one of
  // them does not take in time goes to the next one, which may be stopped as well.
  std::vector<Grant> plan(std::vector<Ticket>& queue) {
    Offers offers;
    std::vector<std::string> fresh;
    std::vector<Grant> grants;
    do {
      grants = planner::plan(queue, snapshot_.held);
      note_offers(grants, offers, fresh);
    } while (drop_passed_over(queue, offers));
    offered_ = std::move(offers);
    if (!fresh.empty()) store_.wake(fresh);
    return grants;
  }

  void note_offers(const std::vector<Grant>& grants, Offers& offers, std::vector<std::string>& fresh) const {
    for (const Grant& grant : grants) {
      if (grant.ticket_id == ticket_.id || offers.count(grant.ticket_id) > 0) continue;
      const auto known = offered_.find(grant.ticket_id);
      if (known == offered_.end()) fresh.push_back(grant.ticket_id);
      offers.emplace(grant.ticket_id, known == offered_.end() ? now() : known->second);
    }
  }

  bool drop_passed_over(std::vector<Ticket>& queue, const Offers& offers) const {
    const auto too_late = [&](const Ticket& ticket) {
      const auto offer = offers.find(ticket.id);
      return offer != offers.end() && now() - offer->second >= kPassedOverAfter;
    };
    const auto end = std::remove_if(queue.begin(), queue.end(), too_late);
    const bool any = end != queue.end();
    queue.erase(end, queue.end());
    return any;
  }

  Granted commit(const Grant& grant) {
    std::vector<Claim> claims;
    Granted granted;
    for (const std::string& id : grant.resource_ids) {
      granted.alloc_ids.push_back(new_alloc_id());
      claims.push_back({id, granted.alloc_ids.back()});
    }
    Json owner = ticket_.owner;
    owner["since"] = iso8601(options_.clock->wall());
    granted.leases = store_.commit(snapshot_, claims, owner);
    return granted;
  }

  void wait() {
    if (options_.on_waiting) options_.on_waiting(waiting());
    auto until = deadline_;
    if (stale_ > 0) until = std::min(until, now() + (50us * (1 << std::min(stale_, 7))));
    for (const auto& [id, since] : offered_)
      if (since + kPassedOverAfter > now()) until = std::min(until, since + kPassedOverAfter);
    place_->wait(until, options_.interrupt_fd);
    if (platform::readable(options_.interrupt_fd))
      throw Interrupted("interrupted while " + describe(waiting()));
  }

  Waiting waiting() {
    Waiting waiting;
    waiting.requirements = request_.requirements;
    waiting.waited = now() - request_.started;
    waiting.timeout = request_.timeout;
    const auto mine = std::find_if(snapshot_.queue.begin(), snapshot_.queue.end(),
                                   [this](const Ticket& ticket) { return ticket.id == ticket_.id; });
    waiting.place = static_cast<std::size_t>(mine - snapshot_.queue.begin()) + 1;
    waiting.queue_length = std::max(snapshot_.queue.size(), waiting.place);
    waiting.holders = holders();
    return waiting;
  }

  std::vector<Hold> holders() {
    std::vector<std::string> ids;
    for (const Want& want : ticket_.wants)
      for (const std::string& id : want.candidates)
        if (std::binary_search(snapshot_.held.begin(), snapshot_.held.end(), id) &&
            std::find(ids.begin(), ids.end(), id) == ids.end() && ids.size() < kHoldersTold)
          ids.push_back(id);
    std::vector<Hold> holds;
    for (const std::string& id : ids)
      if (auto hold = store_.holder(id)) holds.push_back(std::move(*hold));
    return holds;
  }

  [[noreturn]] void give_up() {
    const bool nothing = std::any_of(ticket_.wants.begin(), ticket_.wants.end(),
                                     [](const Want& want) { return want.candidates.empty(); });
    const char* why = nothing ? " (resources that matched left the inventory meanwhile)" : "";
    throw AllocationTimeout(fmt::format("no resource came free within {:g} s{}: {}",
                                        std::chrono::duration<double>(request_.timeout).count(), why,
                                        describe(waiting())));
  }

  void leave_queue() noexcept {
    if (place_ == nullptr) return;
    place_.reset();
    wake_next(store_);
  }

  const Request& request_;
  const Options& options_;
  LockStore& store_;
  const BootClock::time_point deadline_;
  Ticket ticket_;
  Snapshot snapshot_;
  std::unique_ptr<Place> place_;
  Offers offered_;  // tickets ahead that could go on, since when
  int stale_ = 0;   // commits in a row that failed although the plan said free
};

}  // namespace

Granted acquire(const Request& request) { return Acquisition(request).run(); }

void wake_next(LockStore& store) noexcept try {
  const Snapshot snapshot = store.snapshot({});
  if (snapshot.queue.empty()) return;
  std::vector<std::string> ids;
  for (Grant& grant : planner::plan(snapshot.queue, snapshot.held)) ids.push_back(std::move(grant.ticket_id));
  store.wake(ids);
} catch (const std::exception&) {
  return;  // those who wait look by themselves within a second
}

BootClock::time_point deadline_after(BootClock::time_point start, std::chrono::nanoseconds timeout) {
  if (timeout <= 0ns) return start;
  const auto left = BootClock::time_point::max() - start;
  return timeout >= left ? BootClock::time_point::max() : start + timeout;
}

}  // namespace lockable
