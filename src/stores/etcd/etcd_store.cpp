#include "stores/etcd/etcd_store.h"

#include <algorithm>
#include <set>

#include "platform/identity.h"
#include "stores/etcd/checkup.h"
#include "stores/etcd/etcd_lease.h"
#include "stores/etcd/place.h"

namespace lockable::etcd {
namespace {

// Of more than these, which one was unused longest matters to nobody.
constexpr std::size_t kManyFree = 64;
constexpr std::size_t kLook = 2;  // what look() adds to a transaction
constexpr auto kFresh = std::chrono::milliseconds(500);
constexpr std::size_t kMostParts = 128;  // of a transaction (etcd's --max-txn-ops)

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::chrono::nanoseconds wall() { return Clock::system()->wall().time_since_epoch(); }

// With one candidate each there is nothing to choose: most likely it is free.
bool worth_a_guess(const Ticket& mine) {
  return mine.id.empty() && !mine.wants.empty() &&
         std::all_of(mine.wants.begin(), mine.wants.end(),
                     [](const Want& want) { return want.candidates.size() == 1 && want.slots == 0; });
}

std::set<std::string> free_candidates(const Snapshot& snapshot) {
  std::set<std::string> ids;
  for (const Ticket& ticket : snapshot.queue)
    for (const Want& want : ticket.wants) ids.insert(want.candidates.begin(), want.candidates.end());
  for (const Held& held : snapshot.held) ids.erase(held.resource_id);
  return ids;
}

// Whether the ticket fits into the transaction that serves it.
bool leaves_with(const Snapshot& seen, const std::vector<Claim>& claims) {
  return !seen.mine.empty() && 2 * claims.size() < kMostParts;
}

std::string record_of(const Json& owner, const Claim& claim) {
  Json record = owner.is_object() ? owner : Json::object();
  record["alloc_id"] = claim.alloc_id;
  if (claim.slots > 0) record["slots"] = claim.slots;
  return dump(record);
}

}  // namespace

EtcdStore::EtcdStore(std::shared_ptr<Gateway> gateway, SessionOptions options)
    : gateway_(std::move(gateway)),
      session_options_(std::move(options)),
      names_(gateway_->address().name_space) {}

std::shared_ptr<Session> EtcdStore::session() {
  std::shared_ptr<Session> old;  // destroyed outside the mutex
  const std::lock_guard<std::mutex> guard(mutex_);
  if (session_ != nullptr && !session_->ended()) return session_;
  old = std::move(session_);
  session_ = std::make_shared<Session>(gateway_, session_options_);
  return session_;
}

Json EtcdStore::look() const {
  return Json::array({get(names_.whole_queue()), get(names_.everything_held())});
}

Seen EtcdStore::seen_by(Answer answer, std::size_t first) const {
  if (answer.found.size() < first + kLook) throw StoreError("etcd at " + uri() + " does not say what it has");
  return {answer.revision, std::move(answer.found[first]), std::move(answer.found[first + 1]), {}};
}

void EtcdStore::keep(Seen seen) {
  const std::lock_guard<std::mutex> guard(mutex_);
  kept_[platform::own_thread()] = {std::move(seen), BootClock::now()};
}

std::optional<Seen> EtcdStore::carry_out(const Json& conditions, Json then,
                                         std::chrono::nanoseconds patience) {
  const std::size_t first = then.size();
  for (Json& part : look()) then.push_back(std::move(part));
  Answer answer = gateway_->commit(transaction(conditions, then), patience);
  if (!answer.succeeded) return std::nullopt;
  Seen seen = seen_by(std::move(answer), first);
  keep(seen);
  return seen;
}

std::optional<Seen> EtcdStore::take_kept() {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto kept = kept_.find(platform::own_thread());
  if (kept == kept_.end()) return std::nullopt;
  const Kept taken = std::move(kept->second);
  kept_.erase(kept);
  if (BootClock::now() - taken.at > kFresh) return std::nullopt;
  return taken.seen;
}

Seen EtcdStore::ask() { return seen_by(gateway_->commit(unconditional(look()), patience()), 0); }

Snapshot EtcdStore::snapshot(const Ticket& mine, std::size_t /*spare*/) {
  auto seen = take_kept();
  if (!seen && worth_a_guess(mine)) return view({}, mine, wall(), names_, reader_);
  if (!seen) seen = ask();
  Snapshot snapshot = view(*seen, mine, wall(), names_, reader_);
  snapshot.mine = mine.id;
  note_standing(*seen, mine, snapshot);
  const std::set<std::string> free = free_candidates(snapshot);
  if (free.size() < 2 || free.size() > kManyFree) return snapshot;
  Json asked = Json::array();
  for (const std::string& id : free) asked.push_back(get(one(names_.used(id))));
  for (const auto& found : gateway_->commit(unconditional(asked), patience()).found)
    for (const KeyValue& kv : found)
      snapshot.last_used[*names_.resource_of(kv.key)] = static_cast<std::uint64_t>(kv.modified);
  return snapshot;
}

void EtcdStore::note_standing(const Seen& seen, const Ticket& mine, const Snapshot& snapshot) {
  if (mine.id.empty()) return;
  const std::string key = names_.ticket(mine.id);
  const bool there =
      std::any_of(seen.queue.begin(), seen.queue.end(), [&key](const KeyValue& kv) { return kv.key == key; });
  const std::lock_guard<std::mutex> guard(mutex_);
  Standing& standing = standings_[mine.id];
  standing.revision = seen.revision;
  standing.place = snapshot.place;
  standing.there = there;
  if (there) standing.rank = snapshot.queue[snapshot.place - 1].rank;  // else it comes back to the one it had
}

EtcdStore::Standing EtcdStore::standing(const std::string& ticket_id) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto known = standings_.find(ticket_id);
  return known == standings_.end() ? Standing() : known->second;
}

// One of the first few (place.h) left its place: who comes up to be one of them is told, by and by.
void EtcdStore::call_up(std::size_t left, const std::vector<Ticket>& queue, std::size_t next,
                        Session& session) {
  if (left >= 1 && left <= kLookouts && queue.size() > next) session.later(touching(names_, queue[next].id));
}

void EtcdStore::leave(const std::string& ticket_id, Session& session) noexcept try {
  const Standing standing = this->standing(ticket_id);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    standings_.erase(ticket_id);
  }
  if (standing.served || session.ended()) return;
  const Json gone = Json::array({remove(one(names_.ticket(ticket_id)))});
  try {
    const auto seen = carry_out(Json::array(), gone, kQuickly);
    if (seen) call_up(standing.place, reader_.read(seen->queue, names_).tickets, kLookouts - 1, session);
  } catch (const StoreError&) {
    session.later(unconditional(gone));
  }
} catch (const std::exception&) {
  return;  // no memory left: the ticket goes with the etcd lease
}

std::vector<std::unique_ptr<Lease>> EtcdStore::commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                                      const Json& owner) {
  const auto session = this->session();
  session->start_watchdog();
  std::vector<std::string> records;
  records.reserve(claims.size());
  for (const Claim& claim : claims) records.push_back(record_of(owner, claim));
  const auto answer = take(*session, seen, claims, records);
  std::vector<std::unique_ptr<Lease>> leases;
  if (!answer) return leases;
  if (leaves_with(seen, claims)) {
    call_up(seen.place, seen.queue, kLookouts, *session);
    const std::lock_guard<std::mutex> guard(mutex_);
    standings_[seen.mine].served = true;
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const std::string before =
        claims[i].slots == 0 && answer->found.size() > 2 * i + 1 && !answer->found[2 * i + 1].empty()
            ? answer->found[2 * i + 1].front().value
            : "";
    leases.push_back(std::make_unique<EtcdLease>(shared_from_this(), session, claims[i],
                                                 static_cast<std::uint64_t>(answer->revision),
                                                 before.find("alloc_id") != before.npos));
  }
  return leases;
}

// Empty when one of them could not be had. A try whose answer was lost may have been the one that took them.
std::optional<Answer> EtcdStore::take(Session& session, const Snapshot& seen,
                                      const std::vector<Claim>& claims,
                                      const std::vector<std::string>& records) {
  Json conditions = Json::array(), then = Json::array(), give_back = Json::array();
  const auto seen_at = static_cast<std::int64_t>(seen.revision);
  if (seen_at == 0) conditions.push_back(is_absent(names_.whole_queue()));
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const Claim& claim = claims[i];
    const bool whole = claim.slots == 0;
    const std::string key = hold_key(names_, claim);
    const Keys holds = names_.all_holds(claim.resource_id);
    conditions.push_back(whole ? is_absent(holds) : unchanged_since(holds, seen_at));
    then.push_back(put(key, records[i], session.lease()));
    then.push_back(
        replace(names_.used(claim.resource_id), whole ? dump({{"alloc_id", claim.alloc_id}}) : "{}"));
    give_back.push_back(remove(one(key)));
  }
  if (leaves_with(seen, claims)) then.push_back(remove(one(names_.ticket(seen.mine))));
  Answer answer;
  try {
    answer = gateway_->commit(transaction(conditions, then, look()), patience());
  } catch (const StoreError&) {
    // It may be carried out yet.
    const Json ours = Json::array({has_value(hold_key(names_, claims.front()), records.front())});
    session.later(transaction(ours, give_back));
    throw;
  }
  if (answer.succeeded) return answer;
  const std::string first = hold_key(names_, claims.front());
  Seen now = seen_by(std::move(answer), 0);
  for (const KeyValue& kv : now.held)
    if (kv.key == first && kv.value == records.front()) return Answer{true, kv.created, {}};
  keep(std::move(now));
  return std::nullopt;
}

std::unique_ptr<Place> EtcdStore::enqueue(Ticket ticket) {
  return std::make_unique<WaitingPlace>(*this, std::move(ticket));
}

void EtcdStore::wake(const std::vector<std::string>& ticket_ids) noexcept {
  for (const std::string& id : ticket_ids) try {
      gateway_->commit(touching(names_, id), kQuickly);
    } catch (const std::exception&) {
      return;  // they look by themselves now and then
    }
}

std::vector<Ticket> EtcdStore::queue() {
  const Seen seen = ask();
  return reader_.read(seen.queue, names_).tickets;
}

std::vector<Hold> EtcdStore::holders(const std::string& resource_id) {
  const Json asked = Json::array({get(names_.all_holds(resource_id))});
  const Answer answer = gateway_->commit(unconditional(asked), patience());
  std::vector<Hold> holds;
  for (const auto& found : answer.found)
    for (const KeyValue& kv : found)
      if (auto hold = hold_of(kv, names_)) holds.push_back(std::move(*hold));
  return holds;
}

bool EtcdStore::end_reservation(const std::string& resource_id) {
  const std::string key = names_.reserved(resource_id);
  const Json then = Json::array({remove(one(key))});
  const Json there = Json::array({is_there(key)});
  return gateway_->commit(transaction(there, then), patience()).succeeded;
}

std::vector<Finding> EtcdStore::examine() { return check_up(*gateway_, names_, session_options_.time); }

std::shared_ptr<LockStore> open(const StoreOptions& options) {
  const Address address = parse_address(options.uri);
  const EtcdOptions complete = with_environment(options.etcd);
  return std::make_shared<EtcdStore>(std::make_shared<Gateway>(address, credentials(complete, address)),
                                     SessionOptions{complete.lease_time, options.watchdog, options.on_lost});
}

}  // namespace lockable::etcd
