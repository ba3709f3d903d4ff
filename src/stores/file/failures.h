/// \file
/// How many owners of a resource in a row failed: a number in `.lockable/failures/<id>.n`, no file for 0.
/// Read and written by whoever holds the resource's lock, so never by two at once; may be lost without harm.
#pragma once

#include <string>

#include "platform/folder.h"

namespace lockable::file_store {

/// 0 when nothing is known. Any thread may call both.
int failures_of(const platform::Folder& lock_folder, const std::string& resource_id) noexcept;
/// What cannot be written is lost.
void note_failures(const platform::Folder& lock_folder, const std::string& resource_id, int count) noexcept;

}  // namespace lockable::file_store
