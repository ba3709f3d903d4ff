/// \file
/// The transaction that takes resources. Pure.
#pragma once

#include <lockable/lock_store.h>

#include <optional>
#include <string>
#include <vector>

#include "stores/etcd/keys.h"
#include "stores/etcd/messages.h"
#include "stores/etcd/view.h"

namespace lockable::etcd {

/// The key of a claim's hold.
std::string hold_key(const Names& names, const Claim& claim);

/// For claims that were planned on `seen`, which may be a guess (its revision is 0): that nobody holds them
/// and nobody waits. Carried out once it cannot be a second time, whatever became of what it took: a try of
/// which nobody heard any more may reach etcd at any time. Keeps references to all it is given.
class Taking {
 public:
  /// `told`: the latest revision that etcd told of.
  Taking(const Names& names, std::int64_t lease, const Snapshot& seen, std::int64_t told,
         const std::vector<Claim>& claims, const Json& owner);

  bool is_guess() const { return seen_.revision == 0; }
  /// The ticket leaves the queue with it, unless it does not fit in.
  bool serves_ticket() const;

  /// That nothing stands against it; nor that anything was left by one who died, which is looked at first
  /// (conditions_after()).
  Parts conditions() const;
  Parts conditions_after(const Seen& now) const;
  Parts then() const;
  /// What undoes it, should it be carried out without our knowing, and on what condition. What was left by
  /// one who died is left as it was.
  std::string undo() const;
  std::string undo_after(const Seen& now) const;

  /// Its revision when it was carried out, as `now` tells.
  std::optional<std::int64_t> done_at(const Seen& now) const;
  /// Whether nothing stands against it in `now`.
  bool may_be_done(const Seen& now) const;
  /// Whether one who died left that resource, as `now` tells.
  bool was_left(const Claim& claim, const Seen& now) const;

 private:
  std::string key_of(std::size_t claim) const { return hold_key(names_, claims_[claim]); }
  void add_once(std::int64_t as_of, Parts& conditions) const;
  bool stands_against(const KeyValue& kv, const Claim& claim) const;

  const Names& names_;
  const std::int64_t lease_;
  const Snapshot& seen_;
  const std::int64_t as_of_;
  const std::vector<Claim>& claims_;
  std::vector<std::string> records_;
};

}  // namespace lockable::etcd
