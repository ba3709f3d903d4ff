/// \file
/// Who has the lock on a file, and who shall not have it.
#pragma once

#include <string>
#include <vector>

#include "platform/file.h"

namespace lockable::platform {

/// The processes with a descriptor through which the file is locked, by an exclusive flock(2) or on some of
/// its bytes (byte_locks.h), those that inherited it included; numbers as in /proc. A shared flock alone is
/// no more than a look. Only those that we may look at (proc(5), fdinfo): without privileges, those of our
/// own user; none of another pid namespace. Empty when there is no such file (links are not followed). Reads
/// all of /proc: some milliseconds.
std::vector<int> lock_keepers(const std::string& path);

/// Marks descriptors of this process that are open on that file close-on-exec, and has forked children close
/// them. They stay open in this process until it ends.
void keep_from_children(const FileStatus& file) noexcept;

}  // namespace lockable::platform
