/// \file
/// What one request holds of one resource.
#pragma once

#include <lockable/lock_store.h>

#include <memory>
#include <string>

#include "stores/etcd/etcd_store.h"

namespace lockable::etcd {

class EtcdLease : public Lease {
 public:
  EtcdLease(std::shared_ptr<EtcdStore> store, std::shared_ptr<Session> session, Claim claim,
            std::uint64_t token, bool previous_owner_died);
  ~EtcdLease() override { EtcdLease::release(); }

  const std::string& resource_id() const override { return claim_.resource_id; }
  std::uint64_t fencing_token() const override { return token_; }
  bool previous_owner_died() const override { return previous_owner_died_; }
  bool lost() const override;
  BootClock::time_point held_until() const noexcept override { return session_->held_until(); }
  /// When the cluster cannot be asked, it is done as soon as that is possible, or the etcd lease ends.
  void release() noexcept override { end(false); }
  void give_back_unused() noexcept override { end(true); }
  void leave_reserved(const Json& owner) override;
  int failures() const noexcept override;
  void note_failures(int count) noexcept override;

 private:
  std::string ours() const;
  void end(bool unused) noexcept;
  std::string removal(bool unused) const;
  Parts given_back(bool unused) const;
  bool gave_back_before() const;
  void clear_turns(const Seen& seen) const;

  std::shared_ptr<EtcdStore> store_;
  std::shared_ptr<Session> session_;
  const Claim claim_;
  const std::string key_;
  const std::uint64_t token_;
  const bool previous_owner_died_;
  const int owner_pid_;
  bool released_ = false;
  bool was_lost_ = false;
};

}  // namespace lockable::etcd
