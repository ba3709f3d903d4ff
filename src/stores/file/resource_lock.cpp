#include "stores/file/resource_lock.h"

#include "platform/identity.h"
#include "stores/file/names.h"

namespace lockable::file_store {

using platform::Access;
using platform::Fd;
using platform::FileStatus;
using platform::Folder;
using platform::OnExec;

namespace {

// How often a file may vanish between open and flock before we call it held: others are busy with it.
constexpr int kTries = 100;

bool is_at_path(const Folder& folder, const std::string& name, const FileStatus& file) {
  const auto at_path = folder.status(name);
  return at_path && at_path->same_file(file);
}

}  // namespace

ResourceLock::ResourceLock(const Folder& folder, std::string name)
    : folder_(&folder), name_(std::move(name)), owner_pid_(platform::own_pid()) {}

std::optional<ResourceLock> ResourceLock::try_take(const Folder& folder, const std::string& resource_id,
                                                   OnExec on_exec) {
  ResourceLock lock(folder, pid_file_name(resource_id));
  for (int i = 0; i < kTries; ++i) {
    switch (lock.try_once(on_exec)) {
      case Try::kLocked:
        return lock;
      case Try::kHeld:
        return std::nullopt;
      case Try::kAgain:
        break;
    }
  }
  return std::nullopt;
}

ResourceLock::Try ResourceLock::try_once(OnExec on_exec) {
  close();
  Fd fd;
  try {
    fd = folder_->open_file(name_, Access::kCreate, on_exec);
  } catch (const platform::SystemError& error) {
    if (error.wrong_kind()) return Try::kHeld;
    if (!error.no_such_file() || !is_hashed(name_)) throw;
    folder_->make_inside(kOwnFolder).make_inside(kHashedFolder);  // somebody removed our own folder
    return Try::kAgain;
  }
  const std::string path = folder_->path_of(name_);
  file_ = platform::status_of(fd.get(), path);
  if (!file_.plain() || !platform::try_lock_exclusive(fd.get(), path)) return Try::kHeld;
  const PidFile found = parse_pid_file(platform::read_start(fd.get(), kPidFileLimit, path));
  if (!found.empty) file_ = platform::status_of(fd.get(), path);  // as it is now that nobody writes to it
  if (taken_without_flock(found, file_)) return Try::kHeld;
  if (!is_at_path(*folder_, name_, file_)) return Try::kAgain;
  // A lone 1 is a release cut short; with a record it was the first process of a container.
  found_text_ = !found.empty && (found.pid != 1 || found.record.is_object());
  if (on_exec == OnExec::kClose)
    private_fd_ = platform::PrivateFd(std::move(fd));
  else
    shared_fd_ = std::move(fd);
  return Try::kLocked;
}

void ResourceLock::write(const std::string& text) {
  written_ = true;
  platform::write_whole(fd(), text, file_.size, folder_->path_of(name_));
}

bool ResourceLock::lost() const try {
  return fd() < 0 || !is_at_path(*folder_, name_, file_);
} catch (const platform::SystemError&) {
  return true;  // not even the folder can be looked at
}

void ResourceLock::release() noexcept {
  if (fd() < 0) return;
  // A file that a dead owner left, and that we did not write: leave the news of its death to the next holder.
  const bool give_back = !written_ && found_text_;
  if (owner_pid_ == platform::own_pid() && !give_back && !lost()) {
    platform::overwrite(fd(), kReleased);
    folder_->remove(name_);
  }
  close();
}

void ResourceLock::close() noexcept {
  private_fd_.reset();
  shared_fd_.reset();
}

namespace {

Look look(const Folder& folder, const std::string& resource_id, bool with_file) {
  const std::string name = pid_file_name(resource_id);
  Look look;
  Fd fd;
  try {
    fd = folder.open_if_there(name, Access::kRead);
  } catch (const platform::SystemError& error) {
    if (!error.wrong_kind() && !error.not_permitted()) throw;
    look.held = true;
    look.usable = false;
    return look;
  }
  if (!fd) return look;
  const std::string path = folder.path_of(name);
  const FileStatus status = platform::status_of(fd.get(), path);
  if (!status.plain()) {
    look.held = true;
    look.usable = false;
    return look;
  }
  // A shared lock, held for a moment: an exclusive taker who meets it tries again.
  look.held = !platform::try_lock_shared(fd.get(), path);
  if (look.held && !with_file) return look;
  look.file = parse_pid_file(platform::read_start(fd.get(), kPidFileLimit, path));
  if (!look.held) look.held = taken_without_flock(look.file, status);
  return look;
}

}  // namespace

Look look_at(const Folder& folder, const std::string& resource_id) { return look(folder, resource_id, true); }

bool is_held(const Folder& folder, const std::string& resource_id) {
  return look(folder, resource_id, false).held;
}

}  // namespace lockable::file_store
