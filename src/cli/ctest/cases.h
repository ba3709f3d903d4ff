/// \file
/// The test cases of a GoogleTest program that lockable_discover_tests() makes tests of, and what they
/// require.
///
/// gtest_discover_tests() starts us in front of the program, for its list of tests as well as for each test.
/// Where the list is asked for we also ask the program what its macros declare (lockable/gtest.h) and write
/// that down: an object, `Suite.Case` → requirements. It is not asked again when tests run.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lockable::cli {

/// Whether that command only lists tests: nothing is to be locked for it.
bool lists_tests(const std::vector<std::string>& command);

/// Asks for the requirements and writes them to `cases`; a program without lockable::gtest declares none.
/// Blocks while the program runs, a minute at most. Throws Error when it cannot be asked, SystemError when it
/// cannot be written.
void write_cases(const std::string& cases, const std::vector<std::string>& list_command);

/// Whether that word of a command says which case it runs.
bool names_case(const std::string& word);

/// What was written down.
class Cases {
 public:
  /// Throws InvalidRequirements when nobody has listed the tests.
  explicit Cases(const std::string& path);

  /// What the case that the command runs (`--gtest_filter=Suite.Case`) declares; empty when that is nothing.
  std::optional<std::string> requirements_of(const std::vector<std::string>& command) const;

 private:
  nlohmann::json all_;
};

}  // namespace lockable::cli
