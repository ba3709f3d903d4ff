/// \file
/// The tests of a project as `ctest --show-only=json-v1` lists them (ctest(1)), and what those of ours want.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <vector>

namespace lockable::cli {

struct ListedTest {
  std::string name;
  std::vector<std::string> command;
  std::string working_directory;
  bool has_cost = false;
  bool has_groups = false;            ///< somebody set RESOURCE_GROUPS
  std::vector<std::string> fixtures;  ///< that it requires
  bool has_settings = false;          ///< its ENVIRONMENT tells lockable something that we do not see
};

/// Throws Error when it is no such listing.
std::vector<ListedTest> read_listing(const std::string& text);

/// Whether lockable_add_test() or lockable_discover_tests() made it.
bool is_ours(const ListedTest& test);

struct WantedTests {
  std::vector<std::string> names;
  std::vector<Wants> wants;           ///< of each
  std::vector<bool> has_cost;         ///< of each: whether somebody set its COST
  std::vector<Wants> of_inventory;    ///< of those that do not use what a fixture holds
  std::vector<std::string> problems;  ///< inventories that could not be read, each once
};

/// What our tests want of the inventories as they are now, or of what fixtures hold (fixture_use.h). Left out
/// are those that want nothing and those whose requirements or inventory are at fault: they are to run and
/// say so. Blocks while an inventory behind a URL is read, some seconds each at most.
WantedTests wanted_by(const std::vector<ListedTest>& tests);

}  // namespace lockable::cli
