/// \file
/// Looking at all processes of this machine with system calls only.
///
/// For the child of a program with threads: until it executes another program it may do nothing else
/// (fork(2)), since a lock, the allocator's say, that another thread held at the fork stays taken in it for
/// ever. glibc sees to its own; a sanitizer's allocator was seen to hang.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "platform/shared_memory.h"

namespace lockable::platform {

/// The memory for that; to be made before the fork. One thread at a time.
class ProcessTable {
 public:
  /// Throws SystemError.
  ProcessTable();

  /// Looks anew for all that descend from `root` (0: nobody), or were started with `mark` in their
  /// environment (empty: nobody), or descend from those; zombies and processes that are not ours to see
  /// excluded, and this one. Never allocates.
  void look(pid_t root, std::string_view mark) noexcept;
  bool found_any() const noexcept;
  /// SIGKILL to all that were found but that one.
  void kill_all_but(pid_t spared) const noexcept;

 private:
  struct Row {
    pid_t pid;
    pid_t parent;
    bool found;
  };

  void read_rows(std::string_view mark) noexcept;
  void add(pid_t pid, std::string_view mark) noexcept;
  bool has_mark(pid_t pid, std::string_view mark) noexcept;
  bool is_found(pid_t pid) const noexcept;

  SharedMemory memory_;
  Row* const rows_;
  char* const names_;   // of /proc
  char* const buffer_;  // of a file there
  std::size_t count_ = 0;
};

}  // namespace lockable::platform
