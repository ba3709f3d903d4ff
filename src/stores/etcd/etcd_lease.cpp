#include "stores/etcd/etcd_lease.h"

#include <lockable/error.h>

#include <algorithm>
#include <charconv>

#include "platform/identity.h"
#include "platform/time_text.h"
#include "stores/etcd/taking.h"

namespace lockable::etcd {
namespace {

bool is_turn(const Claim& claim) { return claim.resource_id.rfind(kTurns, 0) == 0; }

bool is_reserved(EtcdStore& store, const std::string& id, const Json& owner) {
  const std::vector<Hold> holds = store.holders(id);
  return std::any_of(holds.begin(), holds.end(), [&owner](const Hold& hold) { return hold.owner == owner; });
}

}  // namespace

EtcdLease::EtcdLease(std::shared_ptr<EtcdStore> store, std::shared_ptr<Session> session, Claim claim,
                     std::uint64_t token, bool previous_owner_died)
    : store_(std::move(store)),
      session_(std::move(session)),
      claim_(std::move(claim)),
      key_(hold_key(store_->names(), claim_)),
      token_(token),
      previous_owner_died_(previous_owner_died),
      owner_pid_(platform::own_pid()) {
  session_->hold();
}

// Somebody may have removed our key by hand.
bool EtcdLease::lost() const try {
  if (released_) return was_lost_;
  if (session_->ended()) return true;
  return !store_->gateway().commit(transaction({ours()}, {}), kQuickly).succeeded || session_->ended();
} catch (const std::exception&) {
  return session_->ended();  // what could not be asked is not known
}

// The condition of what we do to it: that it is the one we took.
std::string EtcdLease::ours() const { return created_at(key_, static_cast<std::int64_t>(token_)); }

// With the mark beside it that nobody died, unless that is the news of another one's death.
std::string EtcdLease::removal(bool unused) const {
  const bool keeps_mark = claim_.slots > 0 || (unused && previous_owner_died_);
  return remove(keeps_mark ? one(key_) : store_->names().all_holds(claim_.resource_id));
}

Parts EtcdLease::given_back(bool unused) const {
  Parts then{removal(unused)};
  // A turn in using an allocation never comes again.
  if (!is_turn(claim_)) then.push_back(put(store_->names().used(claim_.resource_id), claim_.alloc_id));
  return then;
}

// A first try whose answer was lost may have been the one that did it (libcurl makes a second one as well,
// and tells nobody). Of a turn nothing would tell.
bool EtcdLease::gave_back_before() const {
  if (is_turn(claim_)) return true;
  const std::string asked = unconditional({get(one(store_->names().used(claim_.resource_id)))});
  const Answer answer = store_->gateway().commit(asked, kQuickly);
  return !answer.found.empty() && !answer.found.front().empty() &&
         answer.found.front().front().value == claim_.alloc_id;
}

// What those left who died in a turn of using it: nobody comes to see it any more.
void EtcdLease::clear_turns(const Seen& seen) const {
  const std::string key = store_->names().in_use(kTurns + claim_.alloc_id);
  if (std::any_of(seen.held.begin(), seen.held.end(), [&key](const KeyValue& kv) { return kv.key == key; }))
    store_->gateway().commit(unconditional({remove(one(key))}), kQuickly);
}

// The condition: a release that comes late never touches what somebody else holds.
void EtcdLease::end(bool unused) noexcept try {
  if (released_ || owner_pid_ != platform::own_pid()) return;
  released_ = true;
  session_->give_up();
  was_lost_ = session_->ended();
  // Where no look comes with it, the one that follows a release would wait for the cluster too; those in
  // front of the queue see it.
  if (was_lost_) return store_->keep({});
  try {
    const auto seen = store_->carry_out({ours()}, given_back(unused), EtcdStore::Look::kFront, kQuickly);
    was_lost_ = !seen && !gave_back_before();
    if (seen) clear_turns(*seen);
  } catch (const StoreError&) {
    // Nothing but removals: a member whose disk is full does these.
    session_->later(transaction({ours()}, {removal(unused)}));
    store_->keep({});
  }
} catch (const std::exception&) {
  return;  // no memory left; it ends with the etcd lease
}

void EtcdLease::leave_reserved(const Json& owner) {
  const std::string until =
      owner.value("until", Json()).is_string() ? owner.at("until").get<std::string>() : "";
  std::int64_t lease = 0;
  if (const auto end = platform::parse_iso8601(until)) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(*end - Clock::system()->wall());
    const Json asked{{"TTL", std::to_string(std::max<std::int64_t>(left.count(), 1))}};
    lease = integer(
        store_->gateway().call("lease/grant", asked.dump(), BootClock::now() + store_->patience()), "ID");
  }
  Json record = owner;
  record["reserved"] = true;
  const Names& names = store_->names();
  Parts then{remove(one(key_)), remove(one(names.in_use(claim_.resource_id)))};
  then.push_back(put(names.reserved(claim_.resource_id),
                     record.dump(-1, ' ', false, Json::error_handler_t::replace), lease));
  const bool done = store_->gateway().commit(transaction({ours()}, then), store_->patience()).succeeded;
  // Of two tries the first may have done it.
  if (!done && !is_reserved(*store_, claim_.resource_id, record))
    throw StoreError("the lock on " + claim_.resource_id + " was lost: nothing can be left in its place");
  released_ = true;
  session_->give_up();
}

int EtcdLease::failures() const noexcept try {
  const std::string asked = unconditional({get(one(store_->names().failures(claim_.resource_id)))});
  const Answer answer = store_->gateway().commit(asked, kQuickly);
  if (answer.found.empty() || answer.found.front().empty()) return 0;
  const std::string& text = answer.found.front().front().value;
  int count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::max(count, 0);
} catch (const std::exception&) {
  return 0;
}

void EtcdLease::note_failures(int count) noexcept try {
  const std::string key = store_->names().failures(claim_.resource_id);
  const std::string then = count == 0 ? remove(one(key)) : put(key, std::to_string(count));
  store_->gateway().commit(unconditional({then}), kQuickly);
} catch (const std::exception&) {
  return;
}

}  // namespace lockable::etcd
