/// \file
/// The command line of `lockable`, read and checked.
#pragma once

#include <lockable/lockable.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/ctest/settings.h"
#include "cli/exit_code.h"

namespace lockable::cli {

/// What the user asked for. Every option with a value takes its default from the environment, `--lock-folder`
/// from LOCKABLE_LOCK_FOLDER and so on.
struct CommandLine {
  Options options;
  Requirements requirements;
  std::chrono::nanoseconds timeout = Lockable::kDefaultTimeout;
  std::optional<std::chrono::nanoseconds> run_timeout;
  bool validate_only = false;
  bool skip_when_missing = false;
  int skipped = kSkipped;  ///< exit code then
  bool kill_leftovers = false;
  bool die_with_parent = false;
  bool bare_environment = true;
  bool quiet = false;
  bool without_hardware = false;  ///< a test that asks for nothing
  bool asks_nothing = false;      ///< a test of CTest that states no requirements: it takes what there is
  std::string cases;              ///< where the requirements of test cases are written down (ctest/cases.h)
  std::optional<FixtureTask> fixture;  ///< there is no command then
  bool ctest = false;                  ///< announce the allocation to CTest, leave the terminal alone
  std::vector<std::string> argv;       ///< the command, ready to be executed
  /// What the options said of inventory and host, as variables: programs within are to find the same; with
  /// `without_hardware` how to wait for it, too.
  std::map<std::string, std::string> settings;
};

/// Reads it. When there is nothing left to do (help, version) or it is at fault, prints what is to be said
/// and sets `exit_code`. Throws InvalidRequirements.
std::optional<CommandLine> read_command_line(int argc, const char* const* argv, int& exit_code);

}  // namespace lockable::cli
