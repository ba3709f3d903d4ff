/// \file
/// Waiting in the queue of the file store.
///
/// Nobody polls. Whoever releases, or leaves the queue, rings the bell of those who can go on
/// (LockStore::wake). For holders that die, and for py-lockable, which ring no bell, the first two tickets
/// are lookouts: they watch the lock folder with inotify(7), see what changed, and wake the others. When the
/// system has no inotify instance left, a lookout looks every 50 ms instead. In any case a lookout looks once
/// a second and leaves word that it did (Queue::note_lookout). All others only read that, every second or,
/// the further behind, the more seldom: when the lookouts were killed or stopped, the first who finds so
/// becomes one.
#pragma once

#include <lockable/lock_store.h>

#include <mutex>
#include <string>
#include <vector>

#include "platform/wakeup.h"
#include "stores/file/queue.h"

namespace lockable::file_store {

/// The watch that nobody uses now: closed after each wait it would hold up every hand-over. Any thread.
class SpareWatch {
 public:
  /// The spare one or a new one; empty when the system has none left.
  platform::FolderWatch take();
  void give_back(platform::FolderWatch watch) noexcept;

 private:
  std::mutex mutex_;
  platform::FolderWatch spare_;
  int owner_pid_ = 0;  // a forked child does not have it
};

class WaitingPlace : public Place {
 public:
  /// `watched` are the folders where pid files change, the lock folder first. `queue` and `spare` must
  /// outlive this.
  WaitingPlace(const Queue& queue, SpareWatch& spare, Ticket ticket, std::vector<std::string> watched);
  ~WaitingPlace() override;

  const Ticket& ticket() const override { return ticket_; }
  void update(Wants wants) override;
  bool wait(BootClock::time_point until, int interrupt_fd) override;

 private:
  void join();
  void drop_earlier() noexcept;
  bool look_and_wait(BootClock::time_point until, int interrupt_fd);
  void find_place();
  bool start_watching();
  BootClock::time_point look_again_at();
  void read_changes();

  const Queue& queue_;
  SpareWatch& spare_;
  Ticket ticket_;
  std::vector<std::string> watched_;
  Bell bell_;
  platform::PrivateFd file_;
  /// What the last update replaced, with the same bell: who found that name in the queue before can still
  /// read it.
  struct Earlier {
    std::string id;
    platform::PrivateFd file;
  };
  Earlier earlier_;
  platform::Timer timer_;
  platform::FolderWatch watch_;
  bool lookout_ = false;
  int owner_pid_;
  std::chrono::nanoseconds arrival_;
  std::size_t place_ = 0;
  bool place_known_ = false;
  BootClock::time_point woken_;  ///< when the last wait ended
  std::size_t echo_ = 0;         ///< which of the short looks after a change comes next
};

}  // namespace lockable::file_store
