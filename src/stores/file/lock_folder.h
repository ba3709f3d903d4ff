/// \file
/// Whether a folder can be one for locks, and why not.
#pragma once

#include <string>

#include "platform/folder.h"

namespace lockable::file_store {

/// Opens the folder, making it when missing. Throws LockFolderError when it is on a file system of several
/// machines, unless LOCKABLE_ALLOW_NETWORK_FOLDER is 1; SystemError.
platform::Folder make_lock_folder(const std::string& path);

/// Why there is something in the place of a pid file that cannot be locked, and what to do.
std::string why_unusable(const platform::Folder& folder, const std::string& pid_file_name);

}  // namespace lockable::file_store
