/// \file
/// The queue of those who wait, without a daemon: one file per ticket in `<lock folder>/.lockable/queue`,
/// under its owner's flock; two after an update (place.h). A ticket dies with its process; whoever reads it
/// then removes it.
///
/// `<id>` is the ticket (ticket_name.h): a line of JSON with `wants` (an array of arrays of resource ids),
/// `ranks`, `same`, `slots` and `capacities` (those of each want), and one with `priority`, `holding` and
/// `owner`. Its owner hears the bell that it names (bells.h). `.lockable/lookout` holds the moment when
/// somebody last looked after the queue (place.h).
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/folder.h"
#include "stores/file/bells.h"
#include "stores/file/spare_files.h"
#include "stores/file/ticket_name.h"

namespace lockable::file_store {

class Queue {
 public:
  /// `lock_folder` and `spare` must outlive everything made here; `own` is `.lockable`. Any thread may call.
  /// The queue's own folder is made anew when somebody removed it. Throws SystemError, as all but noexcept
  /// functions here.
  Queue(const platform::Folder& lock_folder, const platform::Folder& own, const SpareFiles& spare);

  std::string path() const { return rooms()->queue.path(); }

  struct Entry {
    std::string id;
    TicketName name;
  };
  using Entries = std::shared_ptr<const std::vector<Entry>>;
  /// All tickets in order of rank, those of the dead included. Opens none of them. Of those of one place
  /// (Place::update) the last one.
  Entries entries() const;
  /// The same, as somebody in this process has read them since then.
  Entries entries_since(BootClock::time_point then) const;
  /// Empty when its owner is dead (its rest is then removed) or it is no ticket.
  std::optional<Ticket> read(const Entry& entry) const;
  /// What tickets of that kind want, when one of them was read before.
  std::optional<Wants> known(const std::string& kind) const;

  /// Whether the ticket is there, without asking whether its owner lives.
  bool contains(const std::string& id) const;
  /// A bell for a ticket, before it is written, so that nobody rings in vain.
  Bell take_bell() const;
  /// Whether who rings that one rings it: nobody removed it.
  bool rings(const Bell& bell) const;
  /// A new id, for what the ticket wants and holds.
  std::string id_for(const Ticket& ticket, std::chrono::nanoseconds arrival, BellNumber bell) const;
  /// Writes the ticket under our flock, while we have its bell; it lives as long as the descriptor.
  platform::PrivateFd write(const Ticket& ticket) const;
  void remove(const std::string& id) const noexcept;
  /// The same for one of ours, as long as we have its bell: the next who gets that bell has its file.
  void put_away(const std::string& id, const platform::PrivateFd& file) const noexcept;
  void ring(const std::string& id) const noexcept;

  /// Somebody looks after the queue now; and when somebody last did, empty when nobody ever.
  void note_lookout() const noexcept;
  std::optional<BootClock::time_point> last_lookout() const noexcept;

 private:
  void sweep(const std::vector<std::string>& names) const;
  void remember(const std::string& kind, const Wants& wants) const;

  struct Rooms {
    platform::Folder queue;
    platform::Folder bells;
    platform::Fd lookout;
  };
  std::shared_ptr<const Rooms> rooms() const;
  void renew(const platform::Folder& own) const;
  template <typename Action>
  auto with_rooms(Action action) const;

  platform::PrivateFd reuse(const Ticket& ticket, const std::string& text, const platform::Folder& in) const;

  const platform::Folder& lock_folder_;
  const SpareFiles& spare_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::shared_ptr<const Rooms> rooms_;
  mutable Entries last_read_;
  mutable BootClock::time_point read_at_;
  mutable std::map<std::string, Wants> known_;  // by kind: reading a thousand candidates again takes long
};

}  // namespace lockable::file_store
