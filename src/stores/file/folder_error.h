/// \file
/// What the system refuses in the lock folder, as an error that says what to do.
#pragma once

#include <string>

#include "platform/file.h"

namespace lockable::file_store {

/// Throws LockFolderError.
[[noreturn]] void throw_folder_error(const std::string& folder, const platform::SystemError& error);

/// Runs what touches the folder; a SystemError becomes a LockFolderError.
template <typename Action>
auto in_folder(const std::string& folder, Action action) {
  try {
    return action();
  } catch (const platform::SystemError& error) {
    throw_folder_error(folder, error);
  }
}

}  // namespace lockable::file_store
