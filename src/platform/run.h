/// \file
/// Running a short command to its end, for its exit code and what it says.
#pragma once

#include <lockable/clock.h>

#include <string>
#include <vector>

namespace lockable::platform {

struct RunCommand {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH
  std::vector<std::string> environment;  ///< `NAME=value`, the whole of it
  BootClock::time_point until;           ///< then it is ended
  int interrupt_fd = -1;                 ///< readable: it is ended at once; not owned
  std::size_t keep = 4096;               ///< so many bytes of its output, the last ones
};

struct RunResult {
  enum class End { kByItself, kTooLate, kInterrupted };
  End end = End::kByItself;
  int exit_code = -1;  ///< as a shell shows it, when it ended by itself
  std::string output;  ///< the last of what it printed
};

/// Blocks until the command has ended. It runs in a process group of its own, with no signal blocked, input
/// from /dev/null, and none of our descriptors: it cannot keep a lock. The whole group is ended with it
/// (SIGKILL), also when it ends by itself; and the command itself when we die. Any thread; other children of
/// this process are left alone. Throws SystemError when it cannot be run, or when this process ignores
/// SIGCHLD, so that nobody can tell how it ended.
RunResult run_to_end(const RunCommand& command);

}  // namespace lockable::platform
