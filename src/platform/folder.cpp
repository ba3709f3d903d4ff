#include "platform/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "platform/accounts.h"
#include "platform/identity.h"

namespace lockable::platform {
namespace {

constexpr int kNeverBlockOrFollow = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

int open_flags(Access access, OnExec on_exec) {
  const int mode = access == Access::kRead        ? O_RDONLY
                   : access == Access::kReadWrite ? O_RDWR
                                                  : O_RDWR | O_CREAT;
  return mode | kNeverBlockOrFollow | (on_exec == OnExec::kClose ? O_CLOEXEC : 0);
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
  group_ = status.group;
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

Fd Folder::open_if_there(const std::string& name, Access access, OnExec on_exec) const {
  Fd fd(::openat(fd_.get(), name.c_str(), open_flags(access, on_exec)));
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

bool Folder::try_move(const std::string& from, const Folder& into, const std::string& to,
                      Existing existing) const noexcept {
  const unsigned flags = existing == Existing::kKeep ? RENAME_NOREPLACE : 0;
  return ::renameat2(fd_.get(), from.c_str(), into.fd_.get(), to.c_str(), flags) == 0;
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

}  // namespace lockable::platform
