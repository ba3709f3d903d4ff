/// \file
/// Hearing of changes in etcd as they happen.
#pragma once

#include <lockable/clock.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net/line_stream.h"
#include "stores/etcd/gateway.h"
#include "stores/etcd/keys.h"

namespace lockable::etcd {

/// What is watched for one ticket: the ticket itself, which others touch to wake its owner, and for a lookout
/// all that ends: holds, reservations and other tickets. One thread at a time.
class Watch {
 public:
  /// Asks for all that happened after `revision`; does not wait. Throws net::HttpError.
  Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, bool lookout,
        std::int64_t revision);

  bool is_lookout() const { return lookout_; }
  std::size_t member() const { return member_; }

  /// Blocks until something happened after `revision`, `until` has come or one of the descriptors is
  /// readable; true in the first case, also when it cannot be known (etcd has compacted that revision away).
  /// Throws net::HttpError when this watch is of no use any more.
  bool wait(std::int64_t revision, BootClock::time_point until, const std::vector<int>& fds);

 private:
  std::size_t member_;
  bool lookout_;
  net::LineStream stream_;
};

}  // namespace lockable::etcd
