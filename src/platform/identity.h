/// \file
/// Who a process is: what tells it from another process that gets its number later.
#pragma once

#include <lockable/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockable::platform {

struct Identity {
  int pid = 0;
  std::uint64_t start_time = 0;     ///< clock ticks since boot, field 22 of /proc/<pid>/stat (proc(5))
  std::string boot_id;              ///< differs after each boot
  std::uint64_t pid_namespace = 0;  ///< inode of /proc/self/ns/pid; 0 when not known
  std::string user;
  std::string host;
  std::string command;  ///< name of the program
};

/// This process; worked out once, and again in a forked child. Any thread.
const Identity& self();
/// The number of this process, without asking the system when nothing forked.
int own_pid() noexcept;

/// The number of the calling thread (gettid(2)).
int own_thread() noexcept;

/// True when such a process is there and is no zombie; one of another user counts. Numbers below 1 are
/// nobody.
bool alive(long pid);
/// What the system says about a process.
struct ProcessStatus {
  std::string name;
  int parent = 0;
  bool dead = false;     ///< a zombie
  bool stopped = false;  ///< by a signal, or a debugger
  std::uint64_t start_time = 0;
};
/// Empty when there is no such process.
std::optional<ProcessStatus> process_status(long pid);
/// When the process started, in clock ticks since boot; empty when it is gone.
std::optional<std::uint64_t> start_time(long pid);
/// The same as a time of the wall clock as it goes now; to some 10 ms.
std::optional<WallTime> started_at(long pid);

/// A process among all since boot.
struct ProcessKey {
  int pid = 0;
  std::uint64_t start_time = 0;  ///< as in Identity

  friend bool operator==(const ProcessKey& a, const ProcessKey& b) {
    return a.pid == b.pid && a.start_time == b.start_time;
  }
};
/// Our parent, its parent and so on. Where the system does not tell (another pid namespace) the list ends.
std::vector<ProcessKey> ancestors();

/// The words of our own command line, without the program; empty when the system does not tell.
std::vector<std::string> command_line();

/// The same of our parent process, its program included.
std::vector<std::string> parent_command_line();

/// From the system: a forked child gets others than its parent.
std::uint64_t random_number();

/// This machine's name.
std::string host_name();

}  // namespace lockable::platform
