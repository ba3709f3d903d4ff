/// \file
/// The lock on one resource: an exclusive flock(2) on `<lock folder>/<id>.pid`, safe beside py-lockable.
///
/// Taking, in this order (any other was seen to overlap with py-lockable): open without following links,
/// flock, read the pid (a living one of another process means held, although the flock succeeded), compare
/// the locked inode with the one at the path, write. Releasing, while still locked: first line to `1`,
/// unlink, close.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "platform/file.h"
#include "stores/file/pid_file.h"

namespace lockable::file_store {

/// A pid file that we have locked. The destructor gives it back as it was found when nothing was written,
/// else releases. One thread at a time. In a forked child everything is left to the parent.
class ResourceLock {
 public:
  /// Tries to lock; empty when somebody holds it (or the path is something that cannot be locked). Never
  /// waits. Throws SystemError when the folder cannot be used.
  static std::optional<ResourceLock> try_take(const platform::Folder& folder, const std::string& resource_id,
                                              platform::OnExec on_exec);

  ResourceLock(ResourceLock&&) noexcept = default;
  ResourceLock& operator=(ResourceLock&&) = delete;
  ~ResourceLock() { release(); }

  /// The last holder died without releasing.
  bool previous_owner_died() const { return found_text_; }
  /// Writes who holds it. Throws SystemError (a full disk).
  void write(const std::string& text);
  /// True when the path no longer leads to our file.
  bool lost() const;
  void release() noexcept;

 private:
  ResourceLock(const platform::Folder& folder, std::string name);
  enum class Try { kLocked, kHeld, kAgain };
  Try try_once(platform::OnExec on_exec);
  int fd() const { return private_fd_ ? private_fd_.get() : shared_fd_.get(); }
  void close() noexcept;

  const platform::Folder* folder_;
  std::string name_;
  int owner_pid_;
  platform::PrivateFd private_fd_;  // exactly one of the two is open: children never have it,
  platform::Fd shared_fd_;          // or inherit it
  platform::FileStatus file_;
  bool found_text_ = false;
  bool written_ = false;
};

/// Whether the resource cannot be had now, and what its file says. Looks without taking. Throws SystemError.
struct Look {
  bool held = false;
  bool usable = true;  ///< false: the path is a link, a folder or the like, or we may not read it
  PidFile file;
};
Look look_at(const platform::Folder& folder, const std::string& resource_id);
/// Look::held alone, for less.
bool is_held(const platform::Folder& folder, const std::string& resource_id);

}  // namespace lockable::file_store
