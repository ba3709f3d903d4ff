/// \file
/// The queue of those who wait, without a daemon: one file per ticket in `<lock folder>/.lockable/queue`,
/// under its owner's flock. A ticket dies with its process; whoever reads it then removes it.
///
/// `<id>` is the ticket (ticket_name.h): a line of JSON with `wants` (an array of arrays of resource ids),
/// `ranks`, `same`, `slots` and `capacities` (those of each want), and one with `priority`, `holding` and
/// `owner`; `<id>.bell` a FIFO that its owner reads. `.lockable/lookout` holds the moment when somebody last
/// looked after the queue (place.h).
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/file.h"
#include "stores/file/ticket_name.h"

namespace lockable::file_store {

class Queue {
 public:
  /// `lock_folder` must outlive everything made here. Any thread may call. The queue's own folder is made
  /// anew when somebody removed it. Throws SystemError, as all but noexcept functions here.
  explicit Queue(const platform::Folder& lock_folder);

  std::string path() const { return folder()->path(); }

  struct Entry {
    std::string id;
    TicketName name;
  };
  /// All tickets in order of rank, those of the dead included. Opens none of them.
  std::vector<Entry> entries() const;
  /// Empty when its owner is dead (its rest is then removed) or it is no ticket.
  std::optional<Ticket> read(const Entry& entry) const;
  /// What tickets of that kind want, when one of them was read before.
  std::optional<Wants> known(const std::string& kind) const;

  /// Whether the ticket is there, without asking whether its owner lives.
  bool contains(const std::string& id) const;
  /// A new id, for what the ticket wants and holds.
  std::string id_for(const Ticket& ticket, std::chrono::nanoseconds arrival) const;
  /// Writes the ticket under our flock; it lives as long as the descriptor.
  platform::PrivateFd write(const Ticket& ticket) const;
  /// Before the ticket is written, so that nobody rings in vain.
  platform::PrivateFd make_bell(const std::string& id) const;
  void remove(const std::string& id) const noexcept;
  void ring(const std::string& id) const noexcept;

  /// Somebody looks after the queue now; and when somebody last did, empty when nobody ever.
  void note_lookout() const noexcept;
  std::optional<BootClock::time_point> last_lookout() const noexcept;

 private:
  void sweep(const std::vector<std::string>& names, const std::vector<Entry>& entries) const;
  void remember(const std::string& kind, const Wants& wants) const;

  std::shared_ptr<const platform::Folder> folder() const;
  void renew() const;
  template <typename Action>
  auto with_folder(Action action) const;

  const platform::Folder& lock_folder_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::shared_ptr<const platform::Folder> folder_;
  mutable std::shared_ptr<const platform::Fd> lookout_;
  mutable std::map<std::string, Wants> known_;  // by kind: reading a thousand candidates again takes long
};

}  // namespace lockable::file_store
