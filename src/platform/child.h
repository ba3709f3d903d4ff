/// \file
/// A command run as a child in a process group of its own, and all that it started.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "platform/fd.h"
#include "platform/terminal.h"

namespace lockable::platform {

struct ChildCommand {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH
  std::vector<std::string> environment;  ///< `NAME=value`, the whole of it
  sigset_t mask;                         ///< signal mask to start with
  Terminal terminal;                     ///< given to the child
  bool dies_with_us = false;             ///< SIGKILL when this process dies (prctl(2), PR_SET_PDEATHSIG)
  /// Where its standard output and error go; its input is then /dev/null and it has no other descriptor of
  /// ours. -1: it inherits our streams, and what exec does not close.
  int output = -1;
};

/// Owns nothing but the number: the child is not ended with this object.
class Child {
 public:
  /// Starts it. When it cannot be executed: SystemError with the reason, no_such_file() when it is not there.
  static Child start(const ChildCommand& command);

  pid_t pid() const { return pid_; }
  /// To its whole process group. Nothing happens when it is gone.
  void signal(int signal) const noexcept;

  /// What happened to it since the last call; reaps whatever else ended.
  enum class Change { kNone, kStopped, kEnded };
  Change change();
  /// Once ended: its exit code as a shell shows it, 128+n for signal n.
  int exit_code() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  int status_ = 0;
};

/// What wait(2) tells as a shell shows it.
int exit_code_of(int wait_status);

/// Descendants whose parent dies become our children instead of init's (prctl(2), PR_SET_CHILD_SUBREAPER), so
/// that none is lost from sight.
void adopt_orphans() noexcept;
/// Whether this process has any child left; zombies are reaped.
bool has_children() noexcept;

struct ProcessName {
  pid_t pid;
  std::string name;
};
/// All processes that descend from this one, zombies excluded. Empty when the system does not tell (no
/// /proc).
std::vector<ProcessName> descendants() noexcept;

/// Readable when the process has ended (pidfd_open(2)); empty when the system cannot tell.
Fd watch_process(pid_t pid);
/// Readable when our parent has died (pidfd_open(2)); empty when the system cannot tell.
Fd watch_parent();

/// Becomes that command, which is looked up in PATH (exec(3)); returns only by throwing SystemError.
[[noreturn]] void become_command(std::vector<std::string> argv);

/// Stops this process (SIGSTOP); returns when it is continued.
void stop_self();

}  // namespace lockable::platform
