// Folders of several users: what is made in them is for all of their group at once, and nobody is fooled by
// what another has made before him.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "platform/accounts.h"
#include "platform/folder.h"
#include "platform/identity.h"

namespace lockable::platform {
namespace {

constexpr mode_t kGroupFile = 0660;
constexpr mode_t kGroupFolder = 02770;

// No two processes or threads use the same at once. It begins like an unfinished ticket of the queue, and is
// swept away there like one when its maker dies.
std::string unused_name() {
  static std::atomic<unsigned> serial{0};
  return ".new-" + std::to_string(BootClock::now().time_since_epoch().count()) + "-" +
         std::to_string(own_pid()) + "-" + std::to_string(++serial);
}

bool has_fallback(int error) { return error == EOPNOTSUPP || error == EISDIR || error == EINVAL; }

// Gives a finished file its name, or removes it again. False, with errno, when it could not be had.
bool finish(int folder, const std::string& unfinished, const std::string& name, int remove_flags) {
  if (::renameat2(folder, unfinished.c_str(), folder, name.c_str(), RENAME_NOREPLACE) == 0) return true;
  const int error = errno;
  ::unlinkat(folder, unfinished.c_str(), remove_flags);
  errno = error;
  return false;
}

// Group first: chown(2) takes setgid from what it changes.
bool give(int fd, const FileStatus& now, std::uint32_t group, mode_t mode, const std::string& path) {
  if (now.group == group && now.mode == mode) return false;
  if (now.group != group && ::fchown(fd, static_cast<uid_t>(-1), group) != 0)
    throw_refused("cannot give a group to " + path, AT_FDCWD, path);
  if (::fchmod(fd, mode) != 0) throw_refused("cannot change the mode of " + path, AT_FDCWD, path);
  // For who is not in the group chmod(2) leaves setgid out, and says nothing.
  if (status_of(fd, path).mode != mode) {
    errno = EPERM;
    throw_refused("cannot set the mode of " + path, AT_FDCWD, path);
  }
  return true;
}

}  // namespace

void Folder::refuse(const std::string& what, const std::string& name) const {
  throw_refused(what + path_of(name), fd_.get(), name);
}

// What other users of a sticky folder made before us could be made to mislead us.
void Folder::check_owner(const Folder& inside) const {
  const std::uint32_t owner = inside.keeper_;
  if (owner == own_user() || owner == 0 || owner == keeper_) return;
  errno = EPERM;
  throw_refused("cannot trust " + inside.path_, inside.fd_.get(), ".");
}

std::optional<Folder> Folder::open_inside_if_there(const std::string& name) const {
  Fd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) refuse("cannot open folder ", name);
  Folder inside(path_of(name), std::move(fd));
  if (!guarded_) return inside;
  check_owner(inside);
  inside.guarded_ = true;
  inside.keeper_ = keeper_;
  return inside;
}

Folder Folder::open_inside(const std::string& name) const {
  if (auto inside = open_inside_if_there(name)) return std::move(*inside);
  errno = ENOENT;
  refuse("cannot open folder ", name);
}

bool Folder::is_like_ours(const FileStatus& file) const {
  return shared_ ? file.mode == kGroupFile && file.group == group_ : file.mode == kFileMode;
}

Folder Folder::make_inside(const std::string& name) const {
  if (auto inside = open_inside_if_there(name)) return std::move(*inside);
  if (shared_)
    make_shared_folder(name);
  else if (::mkdirat(fd_.get(), name.c_str(), guarded_ ? 0755 : 0777) != 0 && errno != EEXIST)
    refuse("cannot make folder ", name);
  return open_inside(name);
}

// It is opened by its name also when we have just made it: inotify(7) would tell of a descriptor of a file
// made without a name under no name that anybody watches for.
Fd Folder::open_shared(const std::string& name, int flags) const {
  for (;;) {
    Fd fd(::openat(fd_.get(), name.c_str(), flags & ~O_CREAT));
    if (fd) return fd;
    if (errno != ENOENT) refuse("cannot open ", name);
    make_shared_file(name);
  }
}

// Does nothing when it is there.
void Folder::make_shared_file(const std::string& name) const {
  if (make_unnamed_file(name)) return;
  // An old overlayfs for instance. (A link from one name to another would look like a planted one meanwhile.)
  const std::string unfinished = unused_name();
  const Fd fd(
      ::openat(fd_.get(), unfinished.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const bool made = fd && ::fchmod(fd.get(), kGroupFile) == 0 && finish(fd_.get(), unfinished, name, 0);
  if (!made && errno != EEXIST) refuse("cannot make ", name);
}

// False when the system cannot do that here.
bool Folder::make_unnamed_file(const std::string& name) const {
  const Fd fd(::openat(fd_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd && has_fallback(errno)) return false;
  if (!fd || ::fchmod(fd.get(), kGroupFile) != 0) refuse("cannot make ", name);
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  if (::access(path.c_str(), F_OK) != 0) return false;
  if (::linkat(AT_FDCWD, path.c_str(), fd_.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST)
    refuse("cannot make ", name);
  return true;
}

void Folder::make_shared_folder(const std::string& name) const {
  const std::string unfinished = unused_name();
  if (::mkdirat(fd_.get(), unfinished.c_str(), 0700) != 0) refuse("cannot make folder ", name);
  const Fd fd(::openat(fd_.get(), unfinished.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const bool made =
      fd && ::fchmod(fd.get(), kGroupFolder) == 0 && finish(fd_.get(), unfinished, name, AT_REMOVEDIR);
  if (!made && errno != EEXIST) refuse("cannot make folder ", name);
}

Fd Folder::open_fifo(const std::string& name) const {
  for (;;) {
    Fd fd(::openat(fd_.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno != ENOENT) refuse("cannot open ", name);
    if (!fd) {
      make_fifo(name);
      continue;
    }
    const FileStatus status = status_of(fd.get(), path_of(name));
    if (!status.fifo) {
      errno = ENXIO;
      refuse("no FIFO: ", name);
    }
    // Its maker was killed before it could: the group would not be able to write to it.
    if (shared_ && status.mode != kGroupFile && ::fchmod(fd.get(), kGroupFile) != 0)
      refuse("cannot use ", name);
    return fd;
  }
}

// Does nothing when it is there. It has its name before all that may use it can: who meets it then does
// without it, which for a FIFO is no harm.
void Folder::make_fifo(const std::string& name) const {
  if (::mkfifoat(fd_.get(), name.c_str(), 0666) != 0) {
    if (errno == EEXIST) return;
    refuse("cannot make FIFO ", name);
  }
  const auto made = status(name);
  const unsigned wanted = shared_ ? kGroupFile : made ? made->mode | 0600U : 0;  // whatever the umask
  if (made && made->mode != wanted && ::fchmodat(fd_.get(), name.c_str(), wanted, 0) != 0)
    refuse("cannot make FIFO ", name);
}

bool Folder::share(std::uint32_t group) {
  const bool changed = give(fd_.get(), status(), group, kGroupFolder, path_);
  shared_ = true;
  guarded_ = false;
  return changed;
}

bool Folder::share(const std::string& name, std::uint32_t group) const {
  const Fd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) refuse("cannot open ", name);
  const std::string path = path_of(name);
  const FileStatus now = status_of(fd.get(), path);
  if (!now.folder && (!now.fifo || now.links > 1)) status_of_plain(fd.get(), path);
  return give(fd.get(), now, group, now.folder ? kGroupFolder : kGroupFile, path);
}

}  // namespace lockable::platform
