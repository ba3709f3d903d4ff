/// \file
/// Looks at queue and locks for a snapshot, opening as few files as will do: in a crowd that wants the same,
/// only the tickets that could be served now are read, the others are counted by their names.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/folder.h"
#include "stores/file/queue.h"
#include "stores/file/tokens.h"

namespace lockable::file_store {

class Survey {
 public:
  /// All must outlive it. Used once, by one thread.
  Survey(const platform::Folder& folder, const Queue& queue, const Tokens& tokens)
      : folder_(folder), queue_(queue), tokens_(tokens) {}

  /// LockStore::snapshot().
  Snapshot make(const Ticket& mine, std::size_t spare);

 private:
  struct Kind {
    Wants wants;
    std::size_t room = 0;  // so many could be served, if nobody else was
    std::size_t read = 0;
    std::size_t left_out = 0;
  };

  void place(const Ticket& mine, Snapshot& snapshot);
  void learn_kinds();
  std::optional<Ticket> read(std::size_t index);
  std::set<std::string> all_candidates(const Ticket& mine) const;
  std::vector<Held> held_among(const std::set<std::string>& ids) const;
  void note_last_used(const std::set<std::string>& ids, Snapshot& snapshot) const;
  void make_room(const std::vector<Held>& held, std::size_t spare);
  void read_queue(const Ticket& mine, Snapshot& snapshot);

  const platform::Folder& folder_;
  const Queue& queue_;
  const Tokens& tokens_;
  Queue::Entries entries_;
  std::map<std::string, Kind> kinds_;
  std::map<std::size_t, std::optional<Ticket>> read_;  // by index of the entry
};

}  // namespace lockable::file_store
