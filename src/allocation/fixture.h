/// \file
/// Hardware that a fixture of CTest (lockable_add_fixture(), cmake/lockable_add_fixture.cmake) holds for the
/// tests that require it.
///
/// Such a test has the environment variable LOCKABLE_FIXTURES: a JSON array of folders, one for each fixture,
/// the same in every run of ctest. In that folder the fixture's holder leaves a file for its own run, whose
/// name is that of the ctest process (`<pid>-<start time>.json`): who requires the fixture finds the one of
/// the nearest of its ancestors, so that two runs over one build tree never meet. The file is an object:
///   `fixture`: its name; `holder`: `pid` and `start_time` of the process that holds;
///   `allocations`: as allocation/surrounding.h has them; or instead of both
///   `skipped`: why it holds nothing, in words: tests that require it are to be skipped.
#pragma once

#include <lockable/error.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "platform/identity.h"

namespace lockable {

using Json = nlohmann::json;

struct Fixture {
  std::string name;
  std::vector<Json> allocations;
  std::string skipped;
  platform::ProcessKey holder;
};

/// The fixture was skipped, and so is what requires it.
class FixtureSkipped : public ResourceNotFound {
 public:
  using ResourceNotFound::ResourceNotFound;
};

/// What the fixtures that this process requires hold, as their files say now. Those that have none (they are
/// of another kind, or their setup was left out) are left out.
std::vector<Fixture> required_fixtures();

/// For a test that says nothing of its own: requirements, each a text, that ask for all that these hold.
std::vector<std::string> requirements_of(const std::vector<Fixture>& fixtures);

/// The name of the file for a run of that ctest.
std::string fixture_file_name(const platform::ProcessKey& ctest);
/// Which ctest such a file is for; empty for any other name.
std::optional<platform::ProcessKey> ctest_of(const std::string& file_name);
/// What such a file says; empty for anything else.
std::optional<Fixture> read_fixture(const std::string& text);
std::string fixture_text(const Fixture& fixture);

}  // namespace lockable
