/// \file
/// Who gives something back tells those who wait for it.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <vector>

namespace lockable {

/// Wakes those in the queue who can go on now. To be called after every release; `given_back`: what was,
/// where that is known.
void wake_next(LockStore& store, const std::vector<std::string>& given_back = {}) noexcept;

}  // namespace lockable
