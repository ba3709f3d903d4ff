/// \file
/// A lab's store and a lock folder of this machine at once: whoever uses either of them is kept away. So a
/// lab can move from one to the other board by board, and py-lockable stays excluded.
///
/// The lab's store has the queue and decides; a resource counts as held there too while its file is locked.
/// The lab's lock is taken first and given back when the file's cannot be had, so that nobody keeps others
/// waiting for what it cannot use.
#pragma once

#include <lockable/lock_store.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lockable::both_store {

/// `etcd://…+file:DIR` taken apart; empty for any other URI. Pure.
std::optional<std::pair<std::string, std::string>> parts(const std::string& uri);

/// `lab` first in all that matters; `local` must be a store of files.
std::shared_ptr<LockStore> open(std::shared_ptr<LockStore> lab, std::shared_ptr<LockStore> local);

}  // namespace lockable::both_store
