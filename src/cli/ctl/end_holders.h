/// \file
/// Ending the programs that hold a resource.
#pragma once

#include <lockable/lock_store.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace lockable::cli {

/// Ends those that hold the resource under one of `holds` (LockStore::holders(), no reservations): first the
/// holder, when it is the process that it was, then, while the lock stays, whoever has inherited it; each by
/// SIGTERM (and SIGCONT, for the stopped) and, `grace` later, SIGKILL. Nobody else's lock is touched, and
/// never the lock itself: blocks until it is free or somebody else's. Each step is told. Returns an empty
/// text then, else why it cannot be done. Throws StoreError.
std::string end_holders(LockStore& store, const std::string& resource_id, const std::vector<Hold>& holds,
                        std::chrono::nanoseconds grace, const std::function<void(const std::string&)>& tell);

}  // namespace lockable::cli
