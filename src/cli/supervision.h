/// \file
/// Looks after the command while it runs: passes signals on, shares the terminal, ends it when it must.
#pragma once

#include <lockable/clock.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/events.h"

namespace lockable::cli {

struct Task {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::optional<std::chrono::nanoseconds> run_timeout;
  bool kill_leftovers = false;
  bool die_with_parent = false;
  bool take_terminal = true;
  bool quiet = false;
  /// When whatever uses what we hold must have ended (Allocation::held_until()); moves on. Empty: never.
  std::function<BootClock::time_point()> held_until = {};
  /// Told the process group of the command once it runs. May be empty.
  std::function<void(int group)> on_start = {};
  /// A process of ours that may be a child of this one although it is none of the command's; 0: none.
  int ours = 0;
};

/// How it ended.
struct Ran {
  int exit_code;     ///< that `lockable` shall have
  bool told_to_end;  ///< by a signal to us, by the death of our parent, or by ^C: no fault of its own
};

/// Runs it to its end and returns how it ended. The command runs in a process
/// group of its own, which gets the terminal when we have it. Signals that reach us are passed on to that
/// group; when it is stopped from a terminal we stop too, and continue it when we are continued. Ends the
/// whole tree (SIGTERM, SIGKILL 5 s later) when the run timeout has come or our parent has died; and in time
/// before what we hold could be given to others. What the command leaves running is named in a warning, or
/// ended as well (kill_leftovers).
Ran supervise(const Task& task, Events& events);

}  // namespace lockable::cli
