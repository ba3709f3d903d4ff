/// \file
/// Keeps broken resources from being handed out: by a probe before each use, and by counting uses that went
/// wrong (Options::probe, Options::quarantine_after). What is found broken is set aside: a reservation takes
/// the place of our lock.
#pragma once

#include <lockable/lockable.h>

#include <string>

#include "allocation/request.h"

namespace lockable {

/// Whether the options ask for any of that.
bool looks_at_health(const Options& options);

/// Where what was granted comes from.
struct Origin {
  const Options& options;
  LockStore& store;
  const Inventory& inventory;
  const Json& owner;  ///< Hold::owner of the request
};

/// Looks at all that was granted, one after another. False when one of them is broken: it is then set aside
/// as far as nobody shares it, and nothing of the grant is held any more; the request may go on. Blocks while
/// probes run. Throws AllSetAside when the wants cannot be met any more without what is set aside,
/// Interrupted, StoreError, Error; then nothing is held either.
bool examine(const Origin& origin, Granted& granted, const Wants& wants);

/// How the use of a resource went.
struct Use {
  int quarantine_after = 0;  ///< Options::quarantine_after
  Json owner;                ///< Hold::owner
  Outcome outcome = Outcome::kUnknown;
  std::string what;  ///< the test or command that failed
};

/// Counts it, in the place of or just before the release. True when the resource is set aside and the lease
/// gone.
bool end_use(const Use& use, Lease& lease, WallTime now) noexcept;

}  // namespace lockable
