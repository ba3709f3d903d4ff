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
#include "stores/etcd/view.h"

namespace lockable::etcd {

/// What is watched for one ticket: the ticket itself, which others touch to wake its owner, and for a lookout
/// all that is held and queued. One thread at a time. `gateway` is used by the constructors only; `names`
/// must outlive it.
class Watch {
 public:
  /// Asks for all that happened after `revision`; does not wait. Throws net::HttpError.
  Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, std::int64_t revision);
  /// The same for a lookout, after what it saw.
  Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, Seen seen);

  bool is_lookout() const { return lookout_; }
  std::size_t member() const { return member_; }
  /// For a lookout what there is, as far as it was told: with it no look of its own is needed.
  const Seen& seen() const { return seen_; }
  /// Whether it can tell of nothing any more: etcd had compacted what it asked for away.
  bool is_over() const { return over_; }

  /// Blocks until something of interest happened after `revision` (the ticket was touched; for a lookout
  /// also: something was given back, or somebody left the queue), `until` has come or one of the descriptors
  /// is readable; true in the first case, also when it cannot be known (is_over()). Throws net::HttpError
  /// when this watch is of no use any more.
  bool wait(std::int64_t revision, BootClock::time_point until, const std::vector<int>& fds);

 private:
  bool take_in(const std::string& line, std::int64_t revision);

  const Names& names_;
  const std::string own_key_;
  const std::size_t member_;
  const bool lookout_;
  Seen seen_;
  bool over_ = false;
  net::LineStream stream_;
};

}  // namespace lockable::etcd
