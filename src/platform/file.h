/// \file
/// Files. What the operating system refuses becomes a SystemError on the spot, with the path in its message.
/// Nothing here waits for another process: locks are tried.
#pragma once

#include <lockable/clock.h>
#include <lockable/error.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/fd.h"

struct stat;  // of <sys/stat.h>

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
  /// Larger than this process may make one (ulimit -f).
  bool too_large() const;

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

FileStatus from_stat(const struct ::stat& raw);
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
