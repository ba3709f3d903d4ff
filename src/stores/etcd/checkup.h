/// \file
/// Whether a cluster can do what the store needs.
#pragma once

#include <lockable/lock_store.h>

#include <vector>

#include "stores/etcd/gateway.h"
#include "stores/etcd/keys.h"

namespace lockable::etcd {

/// LockStore::examine(). Blocks some seconds for each member that does not answer.
std::vector<Finding> check_up(Gateway& gateway, const Names& names, std::chrono::seconds lease_time);

}  // namespace lockable::etcd
