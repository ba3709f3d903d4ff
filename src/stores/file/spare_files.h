/// \file
/// Files that are out of use, in `.lockable/spare`: whoever needs one of that name takes it instead of making
/// one, for to make a file and remove it again is dear where many do so (bells.h says why). They may be
/// removed at any time.
///
/// A pid file comes back as that of the same resource only: a py-lockable that opened it long ago, and goes
/// by what stands in it, then has the right one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/folder.h"

namespace lockable::file_store {

/// Any thread may call.
class SpareFiles {
 public:
  /// `own` is `.lockable`. Where the folder cannot be had there are no spare files.
  explicit SpareFiles(const platform::Folder& own) noexcept;

  struct Spare {
    platform::Fd fd;  ///< has an exclusive flock: nobody else takes it
    platform::FileStatus status;
  };
  /// Empty when there is none, or somebody else has it. Only files as we would make them: of our own user,
  /// and open to whom it may concern.
  std::optional<Spare> try_take(const std::string& name, platform::OnExec on_exec) const noexcept;
  /// Gives the file its place, still locked. False when it could not be had: something is there already, or
  /// another file of that name was kept meanwhile (that one then has the place). The spare one is to be
  /// closed.
  bool put(const std::string& name, const Spare& spare, const platform::Folder& into,
           const std::string& as) const noexcept;

  /// Takes the file `name`, open as `fd`, out of use, to be had as `as`; removes it when it is not worth it.
  void keep(int fd, const platform::Folder& from, const std::string& name,
            const std::string& as) const noexcept;

 private:
  bool worth_keeping(int fd) const;

  std::optional<platform::Folder> folder_;
};

/// A text of lines, for a file that has `size` bytes: with empty lines at its end when only some are missing,
/// so that nothing must be truncated.
std::string filled_up(std::string text, std::uint64_t size);

}  // namespace lockable::file_store
