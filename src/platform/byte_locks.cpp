#include "platform/byte_locks.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "platform/file.h"

namespace lockable::platform {
namespace {

struct flock lock_of(short type, std::uint64_t at, std::uint64_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(at);
  lock.l_len = static_cast<off_t>(length);
  return lock;
}

}  // namespace

bool try_lock_byte(int fd, std::uint64_t at, const std::string& path) {
  struct flock lock = lock_of(F_WRLCK, at, 1);
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  throw_errno("cannot lock a slot of " + path);
}

void unlock_byte(int fd, std::uint64_t at) noexcept {
  struct flock lock = lock_of(F_UNLCK, at, 1);
  ::fcntl(fd, F_OFD_SETLK, &lock);
}

std::optional<ByteRange> locked_by_others(int fd, ByteRange range, const std::string& path) {
  struct flock lock = lock_of(F_WRLCK, range.begin, range.end - range.begin);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) throw_errno("cannot look at the slots of " + path);
  if (lock.l_type == F_UNLCK) return std::nullopt;
  const auto begin = static_cast<std::uint64_t>(lock.l_start);
  const auto end = lock.l_len == 0 ? range.end : begin + static_cast<std::uint64_t>(lock.l_len);
  return ByteRange{std::max(begin, range.begin), std::min(end, range.end)};
}

}  // namespace lockable::platform
