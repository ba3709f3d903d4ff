/// \file
/// What lockable_add_test() and its like (cmake/Lockable.cmake) write down for `lockable
/// --ctest`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lockable::cli {

/// A test that sets a fixture up or cleans it up (fixture.h).
struct FixtureTask {
  std::string name;      ///< `fixture`
  std::string folder;    ///< `folder`: where tests that require it find what it holds (allocation/fixture.h)
  bool cleanup = false;  ///< `cleanup`
};

/// A JSON object; every key is optional, but one of `requirements` and `cases` must be there.
struct CTestSettings {
  /// `requirements`: an array of texts, each one more resource; they replace what options say.
  std::optional<std::vector<std::string>> requirements;
  double run_timeout = -1;              ///< `run_timeout`: seconds from the allocation; less than 0: no limit
  std::optional<int> skip_return_code;  ///< `skip_return_code`: how a test says that it is skipped
  std::vector<std::string> arguments;   ///< `arguments`: more words of our command line
  std::string cases;                    ///< `cases`: path of the requirements of each test case (cases.h)
  std::string demand;                   ///< `demand`: path of what the whole run asks for (demand.h)
  std::optional<FixtureTask> fixture;   ///< `fixture`, `folder`, `cleanup`: for the two tests of a fixture
};

/// Throws InvalidRequirements, which names the file.
CTestSettings read_ctest_settings(const std::string& path);

}  // namespace lockable::cli
