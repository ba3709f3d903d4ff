/// \file
/// Waiting in the queue of the etcd store.
///
/// A waiter watches its own ticket: whoever gives something back, or leaves the queue, touches the tickets
/// that can go on (LockStore::wake), those in front as well: who came up may not have heard of it yet. For
/// what ends with its owner's etcd lease nobody does that: the first two tickets are lookouts and follow all
/// that is held and queued, so that they know at once what came free without a look of their own, and wake
/// the others. When one of them leaves it touches the next in line, who takes its place. Whatever is missed
/// is found by looking now and then, the more seldom the further behind.
#pragma once

#include <lockable/lock_store.h>

#include <memory>
#include <optional>
#include <string>

#include "stores/etcd/etcd_store.h"
#include "stores/etcd/watch.h"

namespace lockable::etcd {

class WaitingPlace : public Place {
 public:
  /// Joins the queue. `store` must outlive it.
  WaitingPlace(EtcdStore& store, Ticket ticket);
  ~WaitingPlace() override;

  const Ticket& ticket() const override { return ticket_; }
  void update(Wants wants) override;
  bool wait(BootClock::time_point until, int interrupt_fd) override;

 private:
  void join();
  void watch(const EtcdStore::Standing& standing);
  bool listen(const EtcdStore::Standing& standing, BootClock::time_point until, int interrupt_fd);

  EtcdStore& store_;
  Ticket ticket_;
  std::shared_ptr<Session> session_;
  std::chrono::nanoseconds arrival_;
  bool keeps_rank_;
  std::optional<Watch> watch_;
  platform::Timer timer_;
  std::optional<BootClock::time_point> look_at_;  // although nothing was heard
  const int owner_pid_;
};

}  // namespace lockable::etcd
