/// \file
/// What was read from etcd, as the planner needs it. Pure.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stores/etcd/keys.h"
#include "stores/etcd/messages.h"

namespace lockable::etcd {

/// What etcd had at one revision: in order of keys.
struct Seen {
  std::int64_t revision = 0;
  std::vector<KeyValue> queue;
  std::vector<KeyValue> held;
  bool whole = true;  ///< else of the queue only the front is known
};
/// `found` is what there is in Names::all_that_ends(). What is another namespace's is left out, here and
/// below.
Seen seen_in(std::vector<KeyValue> found, std::int64_t revision, const Names& names);
/// One change: `kv` is the entry as it is now, or the key of one that was removed, and when.
void follow(Seen& seen, KeyValue kv, bool removed, const Names& names);

/// A ticket as it is kept: what its owner said about it, and that.
struct Entry {
  Ticket ticket;                        ///< without id
  std::chrono::nanoseconds arrival{0};  ///< its owner's clock (WallTime)
  /// Set when it comes back to a place it had before.
  bool keeps_rank = false;
};
std::string entry_text(const Entry& entry);

/// Reads tickets; those who want the same share it (Wants::identity()). Any thread.
class TicketReader {
 public:
  struct Line {
    std::vector<Ticket> tickets;         ///< in order of rank
    std::chrono::nanoseconds latest{0};  ///< when the last one came
  };
  /// What is no ticket is left out. The order in which they came is that of their first revisions: a clock
  /// that is behind never puts anybody in front. Priorities count from the owners' clocks, as far as these
  /// agree with that order.
  Line read(const std::vector<KeyValue>& queue, const Names& names);

 private:
  std::optional<Entry> read(const std::string& text);
  static std::optional<Entry> parse(const std::string& text, std::map<std::string, Wants>& known);

  std::mutex mutex_;                      // of all below
  std::map<std::string, Entry> entries_;  // by their text, which a lookout sees again with each change
  std::map<std::string, Wants> wants_;    // by theirs
};

/// LockStore::snapshot(); `now` is what our clock says.
Snapshot view(const Seen& seen, const Ticket& mine, std::chrono::nanoseconds now, const Names& names,
              TicketReader& reader);

/// What an entry under `held/` says; empty when it is none.
std::optional<Hold> hold_of(const KeyValue& kv, const Names& names);

}  // namespace lockable::etcd
