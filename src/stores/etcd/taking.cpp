#include "stores/etcd/taking.h"

#include <algorithm>

#include "stores/etcd/lookouts.h"

namespace lockable::etcd {
namespace {

constexpr std::size_t kMostParts = 128;  // of a transaction (etcd's --max-txn-ops)

std::string record_of(const Json& owner, const Claim& claim) {
  Json record = owner.is_object() ? owner : Json::object();
  record["alloc_id"] = claim.alloc_id;
  if (claim.slots > 0) record["slots"] = claim.slots;
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string hold_key(const Names& names, const Claim& claim) {
  return claim.slots == 0 ? names.whole(claim.resource_id) : names.slots(claim.resource_id, claim.alloc_id);
}

Taking::Taking(const Names& names, std::int64_t lease, const Snapshot& seen, std::int64_t told,
               const std::vector<Claim>& claims, const Json& owner)
    : names_(names),
      lease_(lease),
      seen_(seen),
      as_of_(seen.revision == 0 ? told : static_cast<std::int64_t>(seen.revision)),
      claims_(claims) {
  records_.reserve(claims.size());
  for (const Claim& claim : claims) records_.push_back(record_of(owner, claim));
}

bool Taking::serves_ticket() const { return !seen_.mine.empty() && 2 * claims_.size() + 2 < kMostParts; }

// The ticket goes with it; and whoever gives something back says so there. (What was told is of no use for
// what was planned: slots were counted in what was seen.)
void Taking::add_once(std::int64_t as_of, Parts& conditions) const {
  if (serves_ticket())
    conditions.push_back(is_there(names_.ticket(seen_.mine)));
  else
    conditions.push_back(unchanged_since(one(names_.used(claims_.front().resource_id)), as_of));
}

Parts Taking::conditions() const {
  Parts result;
  if (is_guess()) result.push_back(is_absent(names_.whole_queue()));
  add_once(as_of_, result);
  for (const Claim& claim : claims_) {
    const Keys holds = names_.all_holds(claim.resource_id);
    result.push_back(claim.slots == 0 ? is_absent(holds)
                                      : unchanged_since(holds, static_cast<std::int64_t>(seen_.revision)));
  }
  return result;
}

Parts Taking::conditions_after(const Seen& now) const {
  Parts result;
  if (is_guess()) result.push_back(is_absent(names_.whole_queue()));
  add_once(now.revision, result);
  for (const Claim& claim : claims_)
    result.push_back(unchanged_since(names_.all_holds(claim.resource_id), now.revision));
  return result;
}

Parts Taking::then() const {
  Parts result;
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    result.push_back(put(key_of(i), records_[i], lease_));
    if (claims_[i].slots == 0) result.push_back(put(names_.in_use(claims_[i].resource_id), ""));
  }
  if (!serves_ticket()) return result;
  result.push_back(remove(one(names_.ticket(seen_.mine))));
  if (leaves_lookouts(seen_.place) && seen_.queue.size() > kLookouts)
    result.push_back(touch(names_.ticket(seen_.queue[kLookouts].id)));
  return result;
}

std::string Taking::undo() const { return undo_after({}); }

std::string Taking::undo_after(const Seen& now) const {
  Parts removals;
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    removals.push_back(remove(one(key_of(i))));
    if (claims_[i].slots == 0 && !was_left(claims_[i], now))
      removals.push_back(remove(one(names_.in_use(claims_[i].resource_id))));
  }
  return transaction({has_value(key_of(0), records_.front())}, removals);
}

std::optional<std::int64_t> Taking::done_at(const Seen& now) const {
  const std::string key = key_of(0);
  for (const KeyValue& kv : now.held)
    if (kv.key == key && kv.value == records_.front()) return kv.created;
  return std::nullopt;
}

bool Taking::stands_against(const KeyValue& kv, const Claim& claim) const {
  if (names_.resource_of(kv.key) != claim.resource_id) return false;
  return claim.slots == 0 ? kv.key != names_.in_use(claim.resource_id)
                          : kv.modified > static_cast<std::int64_t>(seen_.revision);
}

bool Taking::may_be_done(const Seen& now) const {
  if (is_guess() && !now.queue.empty()) return false;
  return std::none_of(now.held.begin(), now.held.end(), [this](const KeyValue& kv) {
    return std::any_of(claims_.begin(), claims_.end(),
                       [&](const Claim& claim) { return stands_against(kv, claim); });
  });
}

bool Taking::was_left(const Claim& claim, const Seen& now) const {
  const std::string key = names_.in_use(claim.resource_id);
  return claim.slots == 0 &&
         std::any_of(now.held.begin(), now.held.end(), [&key](const KeyValue& kv) { return kv.key == key; });
}

}  // namespace lockable::etcd
