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

// Of one who shared the resource, as if he had had it alone.
std::string whole_text(Json record) {
  record.erase("shared");
  return pid_file_text(std::move(record));
}

Json record_of_text(const std::string& text) {
  PidFile file = parse_pid_file(text);
  return file.record.is_object() ? std::move(file.record) : Json{{"pid", file.pid}};
}

}  // namespace

ResourceLock::ResourceLock(const Folder& folder, const SpareFiles& spare_files, std::string name, Share share)
    : folder_(&folder),
      spare_files_(&spare_files),
      name_(std::move(name)),
      share_(share),
      owner_pid_(platform::own_pid()) {}

std::optional<ResourceLock> ResourceLock::try_take(const Folder& folder, const SpareFiles& spare_files,
                                                   const std::string& resource_id, OnExec on_exec,
                                                   Share share) {
  ResourceLock lock(folder, spare_files, pid_file_name(resource_id), share);
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
  dead_.clear();
  if (has_spare_file() && try_spare_file(on_exec)) return Try::kLocked;
  if (is_locked_by_others()) return Try::kHeld;
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
  if (!file_.plain()) return Try::kHeld;
  const bool whole = share_.slots == 0;
  if (whole ? !platform::try_lock_exclusive(fd.get(), path) : !platform::try_lock_shared(fd.get(), path))
    return Try::kHeld;
  std::string text = platform::read_start(fd.get(), kPidFileLimit, path);
  const PidFile found = parse_pid_file(text);
  if (!found.empty) file_ = platform::status_of(fd.get(), path);  // as it is now that nobody writes to it
  first_ = whole || slots_of_others(fd.get(), path).empty();
  if (first_ && taken_without_flock(found, file_)) return Try::kHeld;
  if (!is_at_path(*folder_, name_, file_)) return Try::kAgain;
  if (first_) find_dead(fd.get(), found, std::move(text));
  if (!whole && !try_slots(fd.get(), path)) return Try::kHeld;
  keep(std::move(fd), on_exec);
  return Try::kLocked;
}

// To be known before the file is opened for writing: closing it again would tell all who look out that it
// changed, us among them.
bool ResourceLock::is_locked_by_others() const {
  const std::string path = folder_->path_of(name_);
  try {
    const Fd fd = folder_->open_if_there(name_, Access::kRead);
    if (!fd) return false;
    return share_.slots == 0 ? !platform::try_lock_exclusive(fd.get(), path)
                             : !platform::try_lock_shared(fd.get(), path);
  } catch (const platform::SystemError&) {
    return false;  // what is wrong shows when it is opened to be used
  }
}

// Slots have records in it; names of hashed ids are not those of files in the folder itself.
bool ResourceLock::has_spare_file() const { return share_.slots == 0 && !is_hashed(name_); }

// Nobody has the resource when its file is out of use, and there is none at the path.
bool ResourceLock::try_spare_file(OnExec on_exec) {
  auto spare = spare_files_->try_take(name_, on_exec);
  if (!spare || !spare_files_->put(name_, *spare, *folder_, name_)) return false;
  platform::overwrite(spare->fd.get(), kNobody);
  file_ = spare->status;
  first_ = true;
  keep(std::move(spare->fd), on_exec);
  return true;
}

void ResourceLock::keep(Fd fd, OnExec on_exec) {
  if (on_exec == OnExec::kClose)
    private_fd_ = platform::PrivateFd(std::move(fd));
  else
    shared_fd_ = std::move(fd);
}

// What one who died left. Of those who shared it only their records tell: the text may be about one who gave
// his back.
void ResourceLock::find_dead(int fd, const PidFile& found, std::string text) {
  if (is_shared(found)) {
    for (const auto& [slot, record] : records_of_the_dead(fd, folder_->path_of(name_)))
      dead_ = whole_text(record);
  } else if (!found.empty && (found.pid != 1 || found.record.is_object()) && !is_reservation(found)) {
    // A lone 1 is a release cut short; with a record it was the first process of a container.
    dead_ = std::move(text);
  }
}

bool ResourceLock::try_slots(int fd, const std::string& path) {
  slots_ = try_take_slots(fd, share_.slots, share_.capacity, path);
  for (const int slot : slots_)
    if (const Json record = read_slot_record(fd, slot); !record.is_null()) dead_ = whole_text(record);
  return !slots_.empty();
}

void ResourceLock::write(Json record) {
  written_ = true;
  const std::string path = folder_->path_of(name_);
  if (share_.slots == 0)
    return platform::write_whole(fd(), filled_up(pid_file_text(record), file_.size), file_.size, path);
  record["shared"] = true;
  record["slots"] = share_.slots;
  // The first to come has been told of all who died, others of those in whose place they come.
  if (first_)
    for (const auto& [slot, dead] : records_of_the_dead(fd(), path)) clear_slot_record(fd(), slot);
  for (const int slot : slots_) clear_slot_record(fd(), slot);
  write_slot_record(fd(), slots_.front(), record_text(record), path);
  if (first_) platform::write_whole(fd(), pid_file_text(record), 0, path);
}

bool ResourceLock::leave_reserved(Json record) {
  if (lost()) return false;
  record["reserved"] = true;
  platform::write_whole(fd(), "1\n" + record_text(record) + "\n", platform::status_of(fd(), name_).size,
                        folder_->path_of(name_));
  platform::unlock(fd());  // also for those who inherited it
  close();
  return true;
}

bool ResourceLock::lost() const try {
  return fd() < 0 || !is_at_path(*folder_, name_, file_);
} catch (const platform::SystemError&) {
  return true;  // not even the folder can be looked at
}

void ResourceLock::release() noexcept {
  // What we did not write to is as it was found.
  const bool untouched = !written_ && !dead_.empty();
  if (fd() >= 0 && owner_pid_ == platform::own_pid() && !untouched && !lost()) {
    if (share_.slots > 0)
      release_slots();
    else
      remove();
  }
  close();
}

void ResourceLock::give_back_unused() noexcept try {
  const bool ours = fd() >= 0 && owner_pid_ == platform::own_pid() && !lost();
  if (!ours || !written_ || dead_.empty()) return release();
  const std::string path = folder_->path_of(name_);
  if (share_.slots > 0)
    release_slots(record_text(record_of_text(dead_)));
  else
    platform::write_whole(fd(), dead_, platform::status_of(fd(), path).size, path);
  close();
} catch (const std::exception&) {
  release();
}

void ResourceLock::remove() noexcept {
  platform::overwrite(fd(), kReleased);
  if (!has_spare_file()) {
    folder_->remove(name_);
    return;
  }
  spare_files_->keep(fd(), *folder_, name_, name_);
  platform::unlock(fd());  // also for those who inherited it: they would keep the next from its file
}

// The others keep theirs; the last one finds itself alone. So does nobody whom one meets who only looks.
// `dead` is the record of one who died, to be left in our place.
void ResourceLock::release_slots(const std::string& dead) noexcept try {
  for (const int slot : slots_) clear_slot_record(fd(), slot);
  if (!dead.empty()) write_slot_record(fd(), slots_.front(), dead, name_);
  name_another_holder();
  give_back_slots(fd(), slots_);
  for (int i = 0; !platform::try_lock_exclusive(fd(), name_); ++i)
    if (i == kTries || !slots_of_others(fd(), name_).empty()) return;
  if (lost()) return;
  const auto dead_ones = records_of_the_dead(fd(), name_);
  if (dead_ones.empty()) return remove();
  platform::overwrite(fd(), pid_file_text(dead_ones.begin()->second));
} catch (const std::exception&) {
  return;  // closing gives back what is left
}

// The first line is what py-lockable goes by once nobody has the flock: it must not be ours when those who
// stay are killed and we live on.
void ResourceLock::name_another_holder() noexcept try {
  const std::string path = folder_->path_of(name_);
  if (parse_pid_file(platform::read_start(fd(), kPidFileLimit, path)).pid != platform::own_pid()) return;
  for (const int slot : slots_of_others(fd(), path)) {
    const Json record = read_slot_record(fd(), slot);
    if (record.is_null()) continue;
    platform::overwrite(fd(), pid_file_text(record));
    return;
  }
} catch (const std::exception&) {
  return;
}

void ResourceLock::close() noexcept {
  private_fd_.reset();
  shared_fd_.reset();
  slots_.clear();
}

namespace {

enum class Depth { kPeek, kRead };

// What the open file says, whole or in slots.
Look look_into(int fd, const std::string& path, Depth depth) {
  Look look;
  // A shared lock, held for a moment: an exclusive taker who meets it tries again.
  look.held = !platform::try_lock_shared(fd, path);
  if (look.held && depth == Depth::kPeek) return look;
  const FileStatus status = platform::status_of(fd, path);
  if (!status.plain()) {
    look.held = true;
    look.usable = false;
    return look;
  }
  if (!look.held) look.slots = slots_of_others(fd, path);
  if (!look.slots.empty() && depth == Depth::kPeek) return look;
  look.file = parse_pid_file(platform::read_start(fd, kPidFileLimit, path));
  if (!look.held && look.slots.empty()) look.held = taken_without_flock(look.file, status);
  look.expired = !look.held && look.slots.empty() && is_reservation(look.file);
  for (const int slot : look.slots)
    if (Json record = read_slot_record(fd, slot); record.is_object())
      look.records.push_back(std::move(record));
  return look;
}

Look look(const Folder& folder, const std::string& resource_id, Depth depth) {
  const std::string name = pid_file_name(resource_id);
  Look unusable;
  unusable.held = true;
  unusable.usable = false;
  try {
    const Fd fd = folder.open_if_there(name, Access::kRead);
    return fd ? look_into(fd.get(), folder.path_of(name), depth) : Look();
  } catch (const platform::SystemError& error) {
    if (!error.wrong_kind() && !error.not_permitted()) throw;
    return unusable;
  }
}

}  // namespace

Look look_at(const Folder& folder, const std::string& resource_id) {
  return look(folder, resource_id, Depth::kRead);
}

Look peek_at(const Folder& folder, const std::string& resource_id) {
  return look(folder, resource_id, Depth::kPeek);
}

bool end_reservation(const Folder& folder, const std::string& resource_id, Which which) {
  const std::string name = pid_file_name(resource_id);
  const std::string path = folder.path_of(name);
  for (int i = 0; i < kTries; ++i) {
    const Fd fd = folder.open_if_there(name, Access::kReadWrite);
    if (!fd) return false;
    const bool locked = platform::try_lock_exclusive(fd.get(), path);  // else somebody looks at it, or has it
    const PidFile file = parse_pid_file(platform::read_start(fd.get(), kPidFileLimit, path));
    if (!is_reservation(file)) return false;
    if (which == Which::kExpired && is_reserved(file, Clock::system()->wall())) return false;
    if (!locked || !is_at_path(folder, name, platform::status_of(fd.get(), path))) continue;
    platform::overwrite(fd.get(), kReleased);
    return folder.remove(name);
  }
  return false;
}

}  // namespace lockable::file_store
