#include "allocation/offers.h"

#include <algorithm>
#include <set>

#include "allocation/circle.h"

namespace lockable {
namespace {

using planner::Grant;

constexpr auto kPassedOverAfter = std::chrono::seconds(1);

std::vector<Grant> plan_without(const std::set<std::string>& passed_over, const Snapshot& snapshot) {
  if (passed_over.empty()) return planner::plan(snapshot);
  Snapshot rest = snapshot;
  rest.queue.clear();
  for (const Ticket& ticket : snapshot.queue)
    if (passed_over.count(ticket.id) == 0) rest.queue.push_back(ticket);
  return planner::plan(rest);
}

}  // namespace

// What one of them does not take in time goes to the next one, which may be stopped as well.
std::vector<Grant> Offers::plan(const Snapshot& snapshot, const Ticket& mine) {
  Times times;
  std::vector<std::string> fresh;
  std::set<std::string> passed_over = those_behind(store_, snapshot, mine);
  for (;;) {
    std::vector<Grant> grants = plan_without(passed_over, snapshot);
    note(grants, snapshot, mine, times, fresh);
    const std::size_t before = passed_over.size();
    for (const auto& [id, since] : times)
      if (clock_.now() - since >= kPassedOverAfter) passed_over.insert(id);
    if (passed_over.size() > before) continue;
    since_ = std::move(times);
    if (!fresh.empty()) store_.wake(fresh);
    return grants;
  }
}

BootClock::time_point Offers::next() const {
  auto next = BootClock::time_point::max();
  for (const auto& [id, since] : since_)
    if (since + kPassedOverAfter > clock_.now()) next = std::min(next, since + kPassedOverAfter);
  return next;
}

void Offers::note(const std::vector<Grant>& grants, const Snapshot& snapshot, const Ticket& mine,
                  Times& times, std::vector<std::string>& fresh) const {
  for (const Grant& grant : grants) {
    if (grant.ticket_id == mine.id || times.count(grant.ticket_id) > 0) continue;
    const auto known = since_.find(grant.ticket_id);
    if (known == since_.end()) fresh.push_back(grant.ticket_id);
    times.emplace(grant.ticket_id, known == since_.end() ? since(grant.ticket_id, snapshot) : known->second);
  }
}

// Nobody waits for one that is stopped.
BootClock::time_point Offers::since(const std::string& id, const Snapshot& snapshot) const {
  const auto ticket = std::find_if(snapshot.queue.begin(), snapshot.queue.end(),
                                   [&id](const Ticket& one) { return one.id == id; });
  const bool stopped = ticket != snapshot.queue.end() && store_.is_stopped(*ticket);
  return stopped ? clock_.now() - kPassedOverAfter : clock_.now();
}

}  // namespace lockable
