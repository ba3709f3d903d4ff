#include "stores/etcd/etcd_store.h"

#include <algorithm>
#include <set>

#include "platform/identity.h"
#include "stores/etcd/checkup.h"
#include "stores/etcd/etcd_lease.h"
#include "stores/etcd/lookouts.h"
#include "stores/etcd/place.h"
#include "stores/etcd/taking.h"

namespace lockable::etcd {
namespace {

// Of more than these, which one was unused longest matters to nobody.
constexpr std::size_t kManyFree = 64;
constexpr std::size_t kFront = 4 * kLookouts;
constexpr auto kFresh = std::chrono::milliseconds(500);

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

std::string EtcdStore::look() const { return get(names_.all_that_ends()); }

Seen EtcdStore::seen_by(Answer answer, std::size_t at) const {
  if (answer.found.size() <= at) throw StoreError("etcd at " + uri() + " does not say what it has");
  return seen_in(std::move(answer.found[at]), answer.revision, names_);
}

void EtcdStore::keep(Seen seen) {
  const std::lock_guard<std::mutex> guard(mutex_);
  Kept& kept = kept_[platform::own_thread()];
  if (seen.revision == 0 || seen.revision >= kept.seen.revision) kept = {std::move(seen), BootClock::now()};
}

std::optional<Seen> EtcdStore::carry_out(const Parts& conditions, Parts then, Look look,
                                         std::chrono::nanoseconds patience) {
  const std::size_t at = then.size();
  if (look == Look::kFront) {
    then.push_back(get(names_.whole_queue(), kFront));
    then.push_back(get(names_.everything_held()));
  } else {
    then.push_back(this->look());
  }
  Answer answer = gateway_->commit(transaction(conditions, then), patience);
  if (!answer.succeeded) return std::nullopt;
  bool whole = true;
  if (look == Look::kFront && answer.found.size() > at + 1) {
    whole = answer.found[at].size() < kFront;
    for (KeyValue& kv : answer.found[at + 1]) answer.found[at].push_back(std::move(kv));
  }
  Seen seen = seen_by(std::move(answer), at);
  seen.whole = whole;
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

Seen EtcdStore::ask() { return seen_by(gateway_->commit(unconditional({look()}), patience()), 0); }

Snapshot EtcdStore::snapshot(const Ticket& mine, std::size_t /*spare*/) {
  auto seen = take_kept();
  if (seen && (seen->revision == 0 || !seen->whole) && !mine.wants.empty()) seen.reset();
  if (!seen && worth_a_guess(mine)) return view({}, mine, wall(), names_, reader_);
  if (!seen) seen = ask();
  Snapshot snapshot = view(*seen, mine, wall(), names_, reader_);
  snapshot.mine = mine.id;
  note_standing(std::move(*seen), mine, snapshot);
  const std::set<std::string> free = free_candidates(snapshot);
  if (free.size() < 2 || free.size() > kManyFree) return snapshot;
  Parts asked;
  for (const std::string& id : free) asked.push_back(get(one(names_.used(id))));
  for (const auto& found : gateway_->commit(unconditional(asked), patience()).found)
    for (const KeyValue& kv : found)
      snapshot.last_used[*names_.resource_of(kv.key)] = static_cast<std::uint64_t>(kv.modified);
  return snapshot;
}

void EtcdStore::note_standing(Seen seen, const Ticket& mine, const Snapshot& snapshot) {
  if (mine.id.empty()) return;
  const std::string key = names_.ticket(mine.id);
  const bool there =
      std::any_of(seen.queue.begin(), seen.queue.end(), [&key](const KeyValue& kv) { return kv.key == key; });
  const std::lock_guard<std::mutex> guard(mutex_);
  Standing& standing = standings_[mine.id];
  standing.revision = seen.revision;
  standing.place = snapshot.place;
  standing.there = there;
  standing.seen = snapshot.place <= kLookouts ? std::make_shared<const Seen>(std::move(seen)) : nullptr;
  if (there) standing.rank = snapshot.queue[snapshot.place - 1].rank;  // else it comes back to the one it had
}

EtcdStore::Standing EtcdStore::standing(const std::string& ticket_id) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto known = standings_.find(ticket_id);
  return known == standings_.end() ? Standing() : known->second;
}

void EtcdStore::leave(const std::string& ticket_id, Session& session) noexcept try {
  const Standing standing = this->standing(ticket_id);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    standings_.erase(ticket_id);
  }
  if (standing.served || session.ended()) return;
  const Parts gone{remove(one(names_.ticket(ticket_id)))};
  try {
    const auto seen = carry_out({}, gone, Look::kAll, kQuickly);
    if (!seen || !leaves_lookouts(standing.place)) return;
    const std::vector<Ticket> rest = reader_.read(seen->queue, names_).tickets;
    if (rest.size() >= kLookouts) wake({rest[kLookouts - 1].id});
  } catch (const StoreError&) {
    session.later(unconditional(gone));
    keep({});  // no look at a cluster that is out of reach
  }
} catch (const std::exception&) {
  return;  // no memory left: the ticket goes with the etcd lease
}

std::vector<std::unique_ptr<Lease>> EtcdStore::commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                                      const Json& owner) {
  const auto session = this->session();
  session->guard();
  const Taking taking(names_, session->lease(), seen, gateway_->revision(), claims, owner);
  const auto taken = take(taking, *session);
  std::vector<std::unique_ptr<Lease>> leases;
  if (!taken) return leases;
  if (taking.serves_ticket()) {
    const std::lock_guard<std::mutex> guard(mutex_);
    standings_[seen.mine].served = true;
  }
  for (const Claim& claim : claims)
    leases.push_back(std::make_unique<EtcdLease>(shared_from_this(), session, claim,
                                                 static_cast<std::uint64_t>(taken->revision),
                                                 taking.was_left(claim, taken->before)));
  return leases;
}

// Empty when one of them could not be had. Most likely nobody died with one of them: to see after that only
// when it is so spares etcd the work.
std::optional<EtcdStore::Taken> EtcdStore::take(const Taking& taking, Session& session) {
  const Parts otherwise = taking.is_guess() ? Parts() : Parts{look()};  // a guess is hardly ever wrong
  Seen now;
  for (const bool after_a_look : {false, true}) {
    Answer answer;
    try {
      answer = gateway_->commit(transaction(after_a_look ? taking.conditions_after(now) : taking.conditions(),
                                            taking.then(), otherwise),
                                patience());
    } catch (const StoreError&) {
      session.later(after_a_look ? taking.undo_after(now) : taking.undo());  // it may be carried out yet
      throw;
    }
    if (answer.succeeded) return Taken{answer.revision, std::move(now)};
    Seen before = std::move(now);
    now = taking.is_guess() ? ask() : seen_by(std::move(answer), 0);
    // A try whose answer was lost may have been the one that took them.
    if (const auto revision = taking.done_at(now)) return Taken{*revision, std::move(before)};
    if (!taking.may_be_done(now)) break;
  }
  keep(std::move(now));
  return std::nullopt;
}

std::unique_ptr<Place> EtcdStore::enqueue(Ticket ticket) {
  return std::make_unique<WaitingPlace>(*this, std::move(ticket));
}

void EtcdStore::wake(const std::vector<std::string>& ticket_ids) noexcept {
  for (const std::string& id : ticket_ids) try {
      gateway_->commit(unconditional({touch(names_.ticket(id))}), kQuickly);
    } catch (const std::exception&) {
      return;  // they look by themselves now and then
    }
}

std::vector<Ticket> EtcdStore::queue() {
  const Seen seen = ask();
  return reader_.read(seen.queue, names_).tickets;
}

std::vector<Hold> EtcdStore::holders(const std::string& resource_id) {
  const Answer answer = gateway_->commit(unconditional({get(names_.all_holds(resource_id))}), patience());
  std::vector<Hold> holds;
  for (const auto& found : answer.found)
    for (const KeyValue& kv : found)
      if (auto hold = hold_of(kv, names_)) holds.push_back(std::move(*hold));
  return holds;
}

bool EtcdStore::end_reservation(const std::string& resource_id) {
  const std::string key = names_.reserved(resource_id);
  return gateway_->commit(transaction({is_there(key)}, {remove(one(key))}), patience()).succeeded;
}

std::vector<Finding> EtcdStore::examine() {
  return check_up(*gateway_, names_, std::chrono::ceil<std::chrono::seconds>(session_options_.time));
}

std::shared_ptr<LockStore> open(const StoreOptions& options) {
  const Address address = parse_address(options.uri);
  const EtcdOptions complete = with_environment(options.etcd);
  return std::make_shared<EtcdStore>(
      std::make_shared<Gateway>(address, credentials(complete, address), options.interrupt_fd),
      SessionOptions{complete.lease_time, options.watchdog, options.guard, options.on_lost});
}

}  // namespace lockable::etcd
