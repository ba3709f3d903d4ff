/// \file
/// Folders, and what is opened in them. Nothing here waits for another process: FIFOs are opened
/// non-blocking.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/file.h"

namespace lockable::platform {

enum class Existing { kKeep, kReplace };
constexpr mode_t kFileMode = 0644;  ///< of new files, less the umask

/// An open folder: names are relative to it, so that it stays the same folder whatever happens to its path.
/// Movable; const functions may be called from any thread, and in a forked child.
///
/// Several users: in a group folder (setgid, writable for its group, neither for others nor sticky) whatever
/// is made is for the whole group, whatever the umask, from the moment it has its name. In a folder where
/// others may make files but not remove ours (sticky, like /tmp), and in those made inside, only folders of
/// ourselves, of root and of the outermost one's owner are opened: anybody may have made one first.
class Folder {
 public:
  /// Opens a folder that is there.
  static Folder open(const std::string& path);
  /// Opens it, making it and its parents when missing; path() is then absolute and without links.
  /// `mode` less the umask, when it is missing.
  static Folder make(const std::string& path, mode_t mode = 0777);
  /// Never follows a link.
  Folder make_inside(const std::string& name) const;

  /// Whether it is a group folder. As it was when it was opened.
  bool shared() const { return shared_; }
  /// Whether a file has the mode, and in a group folder the group, of those that open_file() makes in it.
  bool is_like_ours(const FileStatus& file) const;
  /// Makes it one of that group (mode 2770). False when it was so already.
  bool share(std::uint32_t group);
  /// Gives a file, a FIFO or a folder in it to that group: mode 0660, folders 2770. False when it was so
  /// already. Links and anything else are refused (SystemError::wrong_kind()).
  bool share(const std::string& name, std::uint32_t group) const;
  const std::string& path() const { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  /// Opens a file, never following a symbolic link and never blocking (see FileStatus::plain() for the other
  /// links). New files get `mode` less the umask, in a group folder 0660.
  Fd open_file(const std::string& name, Access access, OnExec on_exec, mode_t mode = kFileMode) const;
  /// The same; empty when there is no such file.
  Fd open_if_there(const std::string& name, Access access, OnExec on_exec = OnExec::kClose) const;
  /// Opens a FIFO for reading (and writing, so that it never ends), making it when missing. Anything else in
  /// its place is refused (SystemError::wrong_kind()).
  Fd open_fifo(const std::string& name) const;
  /// Writes a byte to a FIFO somebody reads; does nothing when nobody does.
  void ring(const std::string& fifo) const noexcept;
  /// Of the path itself, links not followed; empty when there is none.
  std::optional<FileStatus> status(const std::string& name) const;
  /// Nothing happens when it is not there. False when it could not be removed.
  bool remove(const std::string& name) const noexcept;
  /// False when `from` is not there.
  bool rename(const std::string& from, const std::string& to) const;
  /// Moves a file into another folder. False when it could not be moved: it is not there, or something is in
  /// its new place that shall be kept, or that is another file system.
  bool try_move(const std::string& from, const Folder& into, const std::string& to,
                Existing existing) const noexcept;
  /// The names in it, unsorted, without "." and "..".
  std::vector<std::string> names() const;
  /// Of the folder itself, as it is now.
  FileStatus status() const;
  /// What kind of file system it is on, when that may be one of several machines, "NFS" for instance; else
  /// empty.
  std::string network_file_system() const;

 private:
  Folder(std::string path, Fd fd);
  std::optional<Folder> open_inside_if_there(const std::string& name) const;
  Folder open_inside(const std::string& name) const;
  Fd open_shared(const std::string& name, int flags) const;
  void make_shared_file(const std::string& name) const;
  bool make_unnamed_file(const std::string& name) const;
  void make_shared_folder(const std::string& name) const;
  void make_fifo(const std::string& name) const;
  void check_owner(const Folder& inside) const;
  [[noreturn]] void refuse(const std::string& what, const std::string& name) const;

  std::string path_;
  Fd fd_;
  bool shared_ = false;
  std::uint32_t group_ = 0;
  bool guarded_ = false;      // others may make things here
  std::uint32_t keeper_ = 0;  // when guarded: the user whom we trust besides root
  struct Reader;              // reads the names; opened once, since most folders are read often
  std::shared_ptr<Reader> reader_;
};

}  // namespace lockable::platform
