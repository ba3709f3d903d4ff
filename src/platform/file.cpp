#include "platform/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

#include "platform/environment.h"

namespace lockable::platform {

SystemError::SystemError(const std::string& what, int code)
    : Error(what + ": " + std::generic_category().message(code)), code_(code) {}

bool SystemError::no_such_file() const { return code_ == ENOENT; }
bool SystemError::wrong_kind() const {
  return code_ == ELOOP || code_ == EISDIR || code_ == ENXIO || code_ == ENOTDIR || code_ == EMLINK;
}
bool SystemError::not_permitted() const { return code_ == EACCES || code_ == EPERM; }

bool SystemError::disk_full() const { return code_ == ENOSPC || code_ == EDQUOT; }
bool SystemError::too_large() const { return code_ == EFBIG; }

void throw_errno(const std::string& what) { throw SystemError(what, errno); }

FileStatus from_stat(const struct stat& raw) {
  FileStatus status;
  status.device = raw.st_dev;
  status.inode = raw.st_ino;
  status.size = static_cast<std::uint64_t>(raw.st_size);
  status.regular = S_ISREG(raw.st_mode);
  status.folder = S_ISDIR(raw.st_mode);
  status.fifo = S_ISFIFO(raw.st_mode);
  status.user = raw.st_uid;
  status.group = raw.st_gid;
  status.mode = raw.st_mode & 07777U;
  status.links = raw.st_nlink;
  status.modified =
      WallTime(std::chrono::seconds(raw.st_mtim.tv_sec) + std::chrono::nanoseconds(raw.st_mtim.tv_nsec));
  return status;
}

namespace {

bool try_flock(int fd, int operation, const std::string& path) {
  int result = 0;
  do {
    result = ::flock(fd, operation | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  throw_errno("cannot lock " + path);
}

}  // namespace

FileStatus status_of(int fd, const std::string& path) {
  struct stat raw {};
  if (::fstat(fd, &raw) != 0) throw_errno("cannot look at " + path);
  return from_stat(raw);
}

FileStatus status_of_plain(int fd, const std::string& path) {
  const FileStatus status = status_of(fd, path);
  if (!status.regular) throw SystemError("cannot use " + path + ", which is no regular file", ENXIO);
  if (!status.plain()) throw SystemError("cannot use " + path + ", which is a hard link", EMLINK);
  return status;
}

FileStatus status_of_path(const std::string& path) {
  struct stat raw {};
  if (::stat(path.c_str(), &raw) != 0) throw_errno("cannot open " + path);
  return from_stat(raw);
}

std::string read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) throw_errno("cannot open " + path);
  const FileStatus status = status_of(fd.get(), path);
  if (status.folder) throw SystemError("cannot read " + path, EISDIR);
  if (!status.regular) throw SystemError("cannot read " + path + ", which is no regular file", EINVAL);
  return read_start(fd.get(), std::numeric_limits<std::size_t>::max(), path);
}

std::string read_start(int fd, std::size_t limit, const std::string& path) {
  std::string text(limit < 4096 ? limit : 4096, '\0');
  std::size_t length = 0;
  while (length < limit) {
    if (length == text.size()) text.resize(std::min(limit, text.size() * 2));
    const ssize_t got = ::pread(fd, text.data() + length, text.size() - length, static_cast<off_t>(length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("cannot read " + path);
    length += static_cast<std::size_t>(got);
    if (length < text.size()) break;  // a short read of a regular file: its end
  }
  text.resize(length);
  return text;
}

void write_whole(int fd, std::string_view text, std::uint64_t old_size, const std::string& path) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::pwrite(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw_errno("cannot write " + path);
    done += static_cast<std::size_t>(wrote);
  }
  if (old_size > text.size() && ::ftruncate(fd, static_cast<off_t>(text.size())) != 0)
    throw_errno("cannot truncate " + path);
}

bool overwrite(int fd, std::string_view text, std::uint64_t at) noexcept {
  return ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(text.size());
}

std::string read_part(int fd, std::size_t size, std::uint64_t at) noexcept {
  std::string text(size, '\0');
  if (::pread(fd, text.data(), size, static_cast<off_t>(at)) != static_cast<ssize_t>(size)) text.clear();
  return text;
}

std::size_t read_some(int fd, char* buffer, std::size_t size, std::uint64_t at) noexcept {
  const ssize_t got = ::pread(fd, buffer, size, static_cast<off_t>(at));
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

void unlock(int fd) noexcept { ::flock(fd, LOCK_UN); }
bool try_lock_exclusive(int fd, const std::string& path) { return try_flock(fd, LOCK_EX, path); }
bool try_lock_shared(int fd, const std::string& path) { return try_flock(fd, LOCK_SH, path); }

TemporaryFile::TemporaryFile(const std::string& name_start, std::string_view content)
    : path_(temporary_folder() + "/" + name_start + "XXXXXX") {
  const Fd fd(::mkostemp(path_.data(), O_CLOEXEC));
  if (!fd) throw_errno("cannot make " + path_);
  try {
    write_whole(fd.get(), content, 0, path_);
  } catch (...) {
    ::unlink(path_.c_str());
    throw;
  }
}

TemporaryFile::~TemporaryFile() { ::unlink(path_.c_str()); }

std::string absolute_path(const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  return here == nullptr ? path : std::string(here.get()) + "/" + path;
}

bool is_missing(const std::string& path) noexcept {
  return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

}  // namespace lockable::platform
