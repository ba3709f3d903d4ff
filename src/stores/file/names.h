/// \file
/// Which file stands for which resource.
#pragma once

#include <cstdint>
#include <string>

namespace lockable::file_store {

/// Of our own things, below the lock folder.
constexpr const char* kOwnFolder = ".lockable";
/// Below kOwnFolder: for ids that cannot be file names.
constexpr const char* kHashedFolder = "ids";

/// Path of the resource's pid file, relative to the lock folder: `<id>.pid`, the id's bytes as they are, like
/// py-lockable; ids with
/// `/` or NUL, and those over 251 bytes (NAME_MAX is 255), get `.lockable/ids/<hash>.pid`.
std::string pid_file_name(const std::string& resource_id);

/// Whether such a path leads to `.lockable/ids`.
bool is_hashed(const std::string& pid_file_name);

/// A number that the id gives, the same in every process.
std::uint64_t hash_of(const std::string& resource_id);

}  // namespace lockable::file_store
