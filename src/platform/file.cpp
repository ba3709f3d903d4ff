#include "platform/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <system_error>

#include "platform/accounts.h"
#include "platform/environment.h"
#include "platform/identity.h"

namespace lockable::platform {

SystemError::SystemError(const std::string& what, int code)
    : Error(what + ": " + std::generic_category().message(code)), code_(code) {}

bool SystemError::no_such_file() const { return code_ == ENOENT; }
bool SystemError::wrong_kind() const {
  return code_ == ELOOP || code_ == EISDIR || code_ == ENXIO || code_ == ENOTDIR || code_ == EMLINK;
}
bool SystemError::not_permitted() const { return code_ == EACCES || code_ == EPERM; }

bool SystemError::disk_full() const { return code_ == ENOSPC || code_ == EDQUOT; }

void throw_errno(const std::string& what) { throw SystemError(what, errno); }

namespace {

constexpr int kNeverBlockOrFollow = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

int open_flags(Access access, OnExec on_exec) {
  const int mode = access == Access::kRead        ? O_RDONLY
                   : access == Access::kReadWrite ? O_RDWR
                                                  : O_RDWR | O_CREAT;
  return mode | kNeverBlockOrFollow | (on_exec == OnExec::kClose ? O_CLOEXEC : 0);
}

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

void make_with_parents(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return;
  const auto slash = path.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0)
    throw_refused("cannot make folder " + path, AT_FDCWD, path);
  make_with_parents(path.substr(0, slash), 0777);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    throw_refused("cannot make folder " + path, AT_FDCWD, path);
}

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

// A descriptor of its own, since the read position belongs to it; opened again in a forked child, which would
// share it.
struct Folder::Reader {
  std::mutex mutex;
  Fd fd;
  int pid = 0;
};

Folder::Folder(std::string path, Fd fd)
    : path_(std::move(path)), fd_(std::move(fd)), reader_(std::make_shared<Reader>()) {
  const FileStatus status = this->status();
  constexpr unsigned kOthers = S_IWOTH, kGroup = S_IWGRP;
  const bool sticky = (status.mode & S_ISVTX) != 0;
  shared_ =
      !sticky && (status.mode & kOthers) == 0 && (status.mode & kGroup) != 0 && (status.mode & S_ISGID) != 0;
  guarded_ = sticky && (status.mode & (kGroup | kOthers)) != 0;
  keeper_ = status.user;
}

Folder Folder::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw_refused("cannot open folder " + path, AT_FDCWD, path);
  return {path, std::move(fd)};
}

Folder Folder::make(const std::string& path, mode_t mode) {
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  make_with_parents(trimmed, mode);
  Folder folder = open(trimmed);
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(trimmed.c_str(), nullptr), &std::free);
  if (real != nullptr) folder.path_ = real.get();
  return folder;
}

Fd Folder::open_file(const std::string& name, Access access, OnExec on_exec, mode_t mode) const {
  const auto slash = name.find('/');
  if (guarded_ && slash != std::string::npos)
    return open_inside(name.substr(0, slash)).open_file(name.substr(slash + 1), access, on_exec, mode);
  const int flags = open_flags(access, on_exec);
  if (access == Access::kCreate && shared_) return open_shared(name, flags);
  Fd fd(::openat(fd_.get(), name.c_str(), flags, mode));
  // In a sticky folder fs.protected_regular (proc(5)) keeps even root from opening another user's file *to
  // make it*; whether it may be opened is for its permissions to say.
  if (!fd && errno == EACCES && access == Access::kCreate) {
    fd = Fd(::openat(fd_.get(), name.c_str(), flags & ~O_CREAT));
    if (!fd && errno == ENOENT) errno = EACCES;
  }
  if (!fd) refuse("cannot open ", name);
  return fd;
}

Fd Folder::open_if_there(const std::string& name, Access access) const {
  Fd fd(::openat(fd_.get(), name.c_str(), open_flags(access, OnExec::kClose)));
  if (!fd && errno != ENOENT) refuse("cannot open ", name);
  return fd;
}

void Folder::ring(const std::string& fifo) const noexcept {
  // For reading too: a FIFO that loses its last reader just now would raise SIGPIPE.
  const Fd fd(::openat(fd_.get(), fifo.c_str(), O_RDWR | O_CLOEXEC | kNeverBlockOrFollow));
  struct stat raw {};
  if (!fd || ::fstat(fd.get(), &raw) != 0 || !S_ISFIFO(raw.st_mode))
    return;                                   // never into a file linked there
  if (::write(fd.get(), "!", 1) < 0) return;  // full: it rings already
}

FileStatus Folder::status() const { return status_of(fd_.get(), path_); }

std::optional<FileStatus> Folder::status(const std::string& name) const {
  struct stat raw {};
  if (::fstatat(fd_.get(), name.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0) return from_stat(raw);
  if (errno == ENOENT) return std::nullopt;
  refuse("cannot look at ", name);
}

bool Folder::remove(const std::string& name) const noexcept {
  return ::unlinkat(fd_.get(), name.c_str(), 0) == 0 || errno == ENOENT;
}

bool Folder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(fd_.get(), from.c_str(), fd_.get(), to.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  refuse("cannot rename ", from);
}

std::vector<std::string> Folder::names() const {
  const std::lock_guard<std::mutex> guard(reader_->mutex);
  if (!reader_->fd || reader_->pid != own_pid()) {
    reader_->fd = Fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    reader_->pid = own_pid();
  }
  const int fd = reader_->fd.get();
  if (fd < 0 || ::lseek(fd, 0, SEEK_SET) != 0) throw_errno("cannot read folder " + path_);
  std::vector<std::string> result;
  alignas(dirent64) char buffer[16384];
  for (;;) {
    const ssize_t length = ::getdents64(fd, buffer, sizeof buffer);
    if (length < 0) throw_errno("cannot read folder " + path_);
    if (length == 0) return result;
    for (ssize_t at = 0; at < length;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") result.emplace_back(name);
      at += entry->d_reclen;
    }
  }
}

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

void keep_from_children(const FileStatus& file) noexcept try {
  static auto* kept = new std::vector<PrivateFd>;  // never closed: the lock lasts as long as this process
  static auto* mutex = new std::mutex;
  const std::lock_guard<std::mutex> guard(*mutex);
  for (const std::string& name : Folder::open("/proc/self/fd").names()) {
    const int fd = std::atoi(name.c_str());
    struct stat raw {};
    if (::fstat(fd, &raw) != 0 || !from_stat(raw).same_file(file)) continue;
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) continue;  // our own, or kept before
    ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    kept->emplace_back(Fd(fd));
  }
} catch (const std::exception&) {
  // Without /proc the descriptor stays inheritable: the lock then lasts until the last child ends, never
  // shorter.
}

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
