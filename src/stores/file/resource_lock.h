/// \file
/// The lock on one resource: an exclusive flock(2) on `<lock folder>/<id>.pid`, safe beside py-lockable; or
/// on some of its slots: a shared one, and a byte for each slot (slots.h).
///
/// Taking, in this order (any other was seen to overlap with py-lockable): open without following links,
/// flock, read the pid (a living one of another process means held, although the flock succeeded), compare
/// the locked inode with the one at the path, write. Releasing, while still locked: first line to `1`,
/// unlink, close. Of those who share a resource the last one does so: who can have the flock alone.
///
/// What was held whole is not unlinked but moved to the spare files, and the next who takes the resource,
/// when there is nothing at the path, moves it back: under its flock, with `1` in it until it is there.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "platform/folder.h"
#include "stores/file/pid_file.h"
#include "stores/file/slots.h"
#include "stores/file/spare_files.h"

namespace lockable::file_store {

/// How much of a resource is asked for.
struct Share {
  int slots = 0;     ///< 0: all of it
  int capacity = 0;  ///< how many slots it has
};

/// A pid file that we have locked. The destructor gives it back as it was found when nothing was written,
/// else releases. One thread at a time. In a forked child everything is left to the parent.
class ResourceLock {
 public:
  /// Tries to lock; empty when somebody holds it (or the path is something that cannot be locked). Never
  /// waits. Throws SystemError when the folder cannot be used.
  static std::optional<ResourceLock> try_take(const platform::Folder& folder, const SpareFiles& spare_files,
                                              const std::string& resource_id, platform::OnExec on_exec,
                                              Share share = {});

  ResourceLock(ResourceLock&&) noexcept = default;
  ResourceLock& operator=(ResourceLock&&) = delete;
  ~ResourceLock() { release(); }

  /// The last holder died without releasing.
  bool previous_owner_died() const { return !dead_.empty(); }
  /// Writes who holds it: a record (pid_file.h). Throws SystemError (a full disk).
  void write(Json record);
  /// Gives it up and leaves a reservation. Not for slots. False when it is lost. Throws SystemError; it is
  /// ours still.
  bool leave_reserved(Json record);
  /// True when the path no longer leads to our file.
  bool lost() const;
  void release() noexcept;
  /// The same, but leaves the news of the last holder's death to the next one.
  void give_back_unused() noexcept;

 private:
  ResourceLock(const platform::Folder& folder, const SpareFiles& spare_files, std::string name, Share share);
  enum class Try { kLocked, kHeld, kAgain };
  Try try_once(platform::OnExec on_exec);
  bool is_locked_by_others() const;
  bool has_spare_file() const;
  bool try_spare_file(platform::OnExec on_exec);
  void keep(platform::Fd fd, platform::OnExec on_exec);
  bool try_slots(int fd, const std::string& path);
  void find_dead(int fd, const PidFile& found, std::string text);
  void remove() noexcept;
  void release_slots(const std::string& dead = "") noexcept;
  void name_another_holder() noexcept;
  int fd() const { return private_fd_ ? private_fd_.get() : shared_fd_.get(); }
  void close() noexcept;

  const platform::Folder* folder_;
  const SpareFiles* spare_files_;
  std::string name_;
  Share share_;
  int owner_pid_;
  platform::PrivateFd private_fd_;  // exactly one of the two is open: children never have it,
  platform::Fd shared_fd_;          // or inherit it
  platform::FileStatus file_;
  std::string dead_;  // what the last holder left, who died; empty: it did not
  bool written_ = false;
  bool first_ = true;       // nobody shared it when we came
  std::vector<int> slots_;  // ours
};

/// What cannot be had now of a resource, and what its file says. Looks without taking. Throws SystemError.
struct Look {
  bool held = false;          ///< the whole of it
  std::vector<int> slots;     ///< or some
  std::vector<Json> records;  ///< of those who share it: who they are and how many `slots` they have
  bool usable = true;         ///< false: the path is a link, a folder or the like, or we may not read it
  bool expired = false;       ///< free, but for the rest of a reservation whose time is over
  PidFile file;
};
Look look_at(const platform::Folder& folder, const std::string& resource_id);
/// The same without what the file says, for less.
Look peek_at(const platform::Folder& folder, const std::string& resource_id);

/// Ends a reservation, or only one whose time is over: py-lockable does not see that it is. False when there
/// is none (any more).
enum class Which { kAny, kExpired };
bool end_reservation(const platform::Folder& folder, const std::string& resource_id, Which which);

}  // namespace lockable::file_store
