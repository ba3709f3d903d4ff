/// \file
/// The lock store of a lab: an etcd cluster. What is kept there is told in keys.h.
///
/// One transaction takes all the resources of a request, on the condition that nobody holds them; the holds
/// hang on the lease of this process (session.h), so that they go when it dies or is cut off. The fencing
/// token is the revision of that transaction.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stores/etcd/gateway.h"
#include "stores/etcd/keys.h"
#include "stores/etcd/session.h"
#include "stores/etcd/view.h"

namespace lockable::etcd {

class Taking;

class EtcdStore : public LockStore, public std::enable_shared_from_this<EtcdStore> {
 public:
  EtcdStore(std::shared_ptr<Gateway> gateway, SessionOptions options);

  const std::string& uri() const override { return gateway_->address().uri; }
  /// May be a guess where that can save a round trip: a commit that relied on it asks.
  Snapshot snapshot(const Ticket& mine, std::size_t spare) override;
  std::vector<std::unique_ptr<Lease>> commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                             const Json& owner) override;
  /// No look of its own: the first commit asks for that too.
  bool anybody_waits() override { return false; }
  std::unique_ptr<Place> enqueue(Ticket ticket) override;
  void wake(const std::vector<std::string>& ticket_ids) noexcept override;
  std::vector<Ticket> queue() override;
  std::vector<Hold> holders(const std::string& resource_id) override;
  bool end_reservation(const std::string& resource_id) override;
  std::vector<Finding> examine() override;
  void keep_from_children(const std::string& /*resource_id*/) noexcept override {
  }  // children inherit nothing

  // What leases and places are made of.

  Gateway& gateway() { return *gateway_; }
  const Names& names() const { return names_; }
  /// So long a call goes on trying.
  std::chrono::nanoseconds patience() const { return session_options_.patience(); }
  /// This process's, a new one when it had none or that ended.
  std::shared_ptr<Session> session();
  /// Of the queue. The front is enough for who wants nothing, most times (Snapshot::partial).
  enum class Look { kAll, kFront };
  /// Carries out a transaction and looks at queue and holds at the end of it: the next snapshot of this
  /// thread is made from that, where it is enough. Empty when a condition did not hold.
  std::optional<Seen> carry_out(const Parts& conditions, Parts then, Look look,
                                std::chrono::nanoseconds patience);
  /// The next snapshot of this thread is made from that, if it comes soon. An empty one does only for who
  /// wants nothing himself: nobody is to be woken.
  void keep(Seen seen);
  /// What the last snapshot for a ticket showed.
  struct Standing {
    std::int64_t revision = 0;  ///< it is older than what comes after that
    std::size_t place = 0;
    std::chrono::nanoseconds rank{0};
    bool there = false;
    bool served = false;               ///< it left the queue with what it wanted
    std::shared_ptr<const Seen> seen;  ///< all of it, for a lookout (place.h)
  };
  Standing standing(const std::string& ticket_id);
  /// Takes a ticket out of the queue, unless it left with what it wanted.
  void leave(const std::string& ticket_id, Session& session) noexcept;

 private:
  std::string look() const;
  Seen seen_by(Answer answer, std::size_t at) const;
  std::optional<Seen> take_kept();
  Seen ask();
  void note_standing(Seen seen, const Ticket& mine, const Snapshot& snapshot);
  struct Taken {
    std::int64_t revision;
    Seen before;  ///< when there was a look
  };
  std::optional<Taken> take(const Taking& taking, Session& session);

  struct Kept {
    Seen seen;
    BootClock::time_point at;
  };

  const std::shared_ptr<Gateway> gateway_;
  const SessionOptions session_options_;
  const Names names_;
  TicketReader reader_;
  std::mutex mutex_;  // of all below
  std::shared_ptr<Session> session_;
  std::map<int, Kept> kept_;  // by thread
  std::map<std::string, Standing> standings_;
};

/// Opens the store; asks nothing yet. Throws StoreError.
std::shared_ptr<LockStore> open(const StoreOptions& options);

}  // namespace lockable::etcd
