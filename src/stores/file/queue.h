/// \file
/// The queue of those who wait, without a daemon: one file per ticket in `<lock folder>/.lockable/queue`,
/// under its owner's flock. A ticket dies with its process; whoever reads the queue removes what the dead
/// left.
///
/// `<id>` is the ticket: a line of JSON with `wants` (an array of arrays of resource ids), `same` and `slots`
/// (Want::same and Want::slots of each), and one with `priority` and `owner`;
/// `<id>.bell` a FIFO that its owner reads. Ids begin with the time since boot, so that their order is the
/// order of arrival.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "platform/file.h"

namespace lockable::file_store {

class Queue {
 public:
  /// `lock_folder` must outlive everything made here. Any thread may call. The queue's own folder is made
  /// anew when somebody removed it. Throws SystemError, as all but noexcept functions here.
  explicit Queue(const platform::Folder& lock_folder);

  std::string path() const { return folder()->path(); }

  /// Ids of all tickets in order of arrival, those of the dead included. Cheap.
  std::vector<std::string> ids() const;
  /// The living tickets, higher priority first, then by arrival. Removes what the dead left.
  std::vector<Ticket> tickets() const;

  /// A new id, later than all given before.
  std::string next_id() const;
  /// Writes the ticket under our flock, replacing an older version of it; the ticket lives as long as the
  /// descriptor.
  platform::PrivateFd write(const Ticket& ticket) const;
  /// Before the ticket is written, so that nobody rings in vain.
  platform::PrivateFd make_bell(const std::string& id) const;
  void remove(const std::string& id) const noexcept;
  void ring(const std::string& id) const noexcept;

 private:
  /// A ticket as it was read. A new version of it is another file, or the same inode again at another time;
  /// before the file system's clock has gone on for sure the file is read each time.
  struct Known {
    platform::FileStatus file;
    bool settled = false;
    bool valid = false;
    std::string wants;  ///< as text
    Ticket ticket;
  };
  const Ticket* read(const std::string& id) const;
  const Ticket* remember(Known fresh, const std::string& text) const;
  void sweep(const std::vector<std::string>& names) const;
  std::vector<std::string> names() const;

  std::shared_ptr<const platform::Folder> folder() const;
  void renew() const;
  template <typename Action>
  auto with_folder(Action action) const;

  const platform::Folder& lock_folder_;
  mutable std::mutex mutex_;  // of the pointer
  mutable std::shared_ptr<const platform::Folder> folder_;
  mutable std::mutex known_mutex_;
  mutable std::map<std::string, Known> known_;  // by id: reading a thousand candidates again takes long
};

}  // namespace lockable::file_store
