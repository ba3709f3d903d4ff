/// \file
/// The `--lockable_…` flags of a test program and their environment variables.
#pragma once

#include <lockable/lockable.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace lockable::gtest_internal {

struct Flags {
  Options options;                          ///< resources, store, lock folder, hostname, probe and so on
  std::optional<std::string> requirements;  ///< for the whole program
  std::chrono::nanoseconds timeout = Lockable::kDefaultTimeout;
  bool skip_when_missing = false;
  bool list_requirements = false;
  bool list_all = false;          ///< of all tests, whatever would run (`=all`)
  bool disabled = false;          ///< LOCKABLE_DISABLE
  bool death_test_child = false;  ///< GoogleTest started us to die (threadsafe style)
  std::string problem;            ///< what is wrong with a flag or variable, or empty
};

/// Whether the word is one of ours.
bool is_lockable_flag(const std::string& word);

/// Reads the words of a command line (without the program), then the environment for what they do not say.
Flags read_flags(const std::vector<std::string>& words);

/// Those of this program: read once, from the command line as the system has it, so that any main() will do.
const Flags& flags();

}  // namespace lockable::gtest_internal
