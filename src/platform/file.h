/// \file
/// Files and folders. What the operating system refuses becomes a SystemError on the spot, with the path in
/// its message. Nothing here waits for another process: FIFOs are opened non-blocking, locks are tried.
#pragma once

#include <lockable/clock.h>
#include <lockable/error.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/fd.h"

namespace lockable::platform {

/// What the operating system refused: "cannot open /x/y: Permission denied".
class SystemError : public Error {
 public:
  SystemError(const std::string& what, int code);
  int code() const { return code_; }
  bool no_such_file() const;
  /// The path is there but is not what it should be: a link, a folder, a FIFO without reader.
  bool wrong_kind() const;
  /// Or it belongs to somebody whom we do not trust with it.
  bool not_permitted() const;
  bool disk_full() const;

 private:
  int code_;
};

/// Throws SystemError for the current errno.
[[noreturn]] void throw_errno(const std::string& what);

struct FileStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  bool regular = false;
  bool folder = false;
  bool fifo = false;
  std::uint32_t user = 0;  ///< numeric id of its owner
  std::uint32_t group = 0;
  std::uint32_t mode = 0;  ///< permissions, with setgid (02000) and the sticky bit (01000)
  std::uint64_t links = 0;
  WallTime modified;

  /// A regular file without a second name: never what somebody has linked here from elsewhere.
  bool plain() const { return regular && links <= 1; }
  bool same_file(const FileStatus& other) const { return device == other.device && inode == other.inode; }
};

enum class Access { kRead, kReadWrite, kCreate };  // kCreate: read, write, made when missing
enum class OnExec { kClose, kKeep };

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
  /// Makes it one of that group (mode 2770). False when it was so already.
  bool share(std::uint32_t group);
  /// Gives a file, a FIFO or a folder in it to that group: mode 0660, folders 2770. False when it was so
  /// already. Links and anything else are refused (SystemError::wrong_kind()).
  bool share(const std::string& name, std::uint32_t group) const;
  const std::string& path() const { return path_; }
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  /// Opens a file, never following a symbolic link and never blocking (see FileStatus::plain() for the other
  /// links). New files get `mode` less the umask, in a group folder 0660.
  Fd open_file(const std::string& name, Access access, OnExec on_exec, mode_t mode = 0644) const;
  /// The same; empty when there is no such file.
  Fd open_if_there(const std::string& name, Access access) const;
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
  /// The names in it, unsorted, without "." and "..".
  std::vector<std::string> names() const;
  /// Of the folder itself, as it is now.
  FileStatus status() const;
  /// What kind of file system it is on, when that may be one of several machines, "NFS" for instance; else
  /// empty.
  std::string network_file_system() const;

 private:
  Folder(std::string path, Fd fd);
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
  bool guarded_ = false;      // others may make things here
  std::uint32_t keeper_ = 0;  // when guarded: the user whom we trust besides root
  struct Reader;              // reads the names; opened once, since most folders are read often
  std::shared_ptr<Reader> reader_;
};

FileStatus status_of(int fd, const std::string& path);
/// The same; throws SystemError (wrong_kind) when it is no plain file.
FileStatus status_of_plain(int fd, const std::string& path);
/// Of what the path leads to, links followed.
FileStatus status_of_path(const std::string& path);
/// The whole content of a regular file, links followed; anything else (a FIFO, a folder) is refused.
std::string read_file(const std::string& path);
/// At most `limit` bytes from the start.
std::string read_start(int fd, std::size_t limit, const std::string& path);
/// Makes `text` the whole content of a file that has `old_size` bytes. Truncates only when it was longer
/// (ext4 flushes a file that was truncated).
void write_whole(int fd, std::string_view text, std::uint64_t old_size, const std::string& path);
/// Writes over a part of the file, leaving the rest. False when that failed.
bool overwrite(int fd, std::string_view text, std::uint64_t at = 0) noexcept;
/// Reads exactly so many bytes from there; empty when they are not to be had.
std::string read_part(int fd, std::size_t size, std::uint64_t at) noexcept;

/// Reads at most so many bytes from there; returns how many, 0 when that failed.
std::size_t read_some(int fd, char* buffer, std::size_t size, std::uint64_t at) noexcept;

/// flock(2) without waiting: true when the lock was had. Going from one kind to the other gives up what one
/// has first: when it fails, nothing is left.
bool try_lock_exclusive(int fd, const std::string& path);
bool try_lock_shared(int fd, const std::string& path);
/// Gives it up for all that inherited it as well.
void unlock(int fd) noexcept;

/// Marks descriptors of this process that are open on that file close-on-exec, and has forked children close
/// them. They stay open in this process until it ends.
void keep_from_children(const FileStatus& file) noexcept;

/// A file in the temporary folder that only we may read; the destructor removes it.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name_start, std::string_view content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The path from the root: what another working directory does not change. Links stay as they are.
std::string absolute_path(const std::string& path);
/// Whether there is nothing of that name where it could be; false when that cannot be known.
bool is_missing(const std::string& path) noexcept;

}  // namespace lockable::platform
