/// \file
/// Locks on bytes of a file (fcntl(2), F_OFD_SETLK): they belong to the open file description, as flock(2)
/// does, and go when the last process that inherited it has closed it. They and flock(2) do not see each
/// other on a local file system. Nothing here waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lockable::platform {

/// Locks one byte for this description alone (which must be open for writing). False when another one has it.
bool try_lock_byte(int fd, std::uint64_t at, const std::string& path);
void unlock_byte(int fd, std::uint64_t at) noexcept;

struct ByteRange {
  std::uint64_t begin;
  std::uint64_t end;  ///< behind the last one
};
/// Some bytes in that range that another description has locked.
std::optional<ByteRange> locked_by_others(int fd, ByteRange range, const std::string& path);

}  // namespace lockable::platform
