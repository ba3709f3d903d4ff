/// \file
/// Whoever could go on before us is woken and has a second to take what it could. One that does not (it is
/// stopped, say) is passed over, and keeps its rank.
#pragma once

#include <lockable/clock.h>
#include <lockable/lock_store.h>

#include <map>
#include <string>
#include <vector>

#include "planner/planner.h"

namespace lockable {

/// What one request knows of it. One thread.
class Offers {
 public:
  /// Both must outlive it.
  Offers(LockStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  /// What can be granted, to `mine` as well: without those who are passed over, and those who wait for what
  /// `mine` holds. Wakes the others whom it serves and did not serve before.
  std::vector<planner::Grant> plan(const Snapshot& snapshot, const Ticket& mine);
  /// How many could go on and have not yet.
  std::size_t size() const { return since_.size(); }
  /// When the next of them will be passed over, if that is to come.
  BootClock::time_point next() const;

 private:
  using Times = std::map<std::string, BootClock::time_point>;

  void note(const std::vector<planner::Grant>& grants, const Snapshot& snapshot, const Ticket& mine,
            Times& times, std::vector<std::string>& fresh) const;
  BootClock::time_point since(const std::string& id, const Snapshot& snapshot) const;

  LockStore& store_;
  const Clock& clock_;
  Times since_;  // by ticket
};

}  // namespace lockable
