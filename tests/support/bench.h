/// \file
/// A bench for tests of the real commands: an inventory and a lock folder of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_folder.h"

namespace lockable::testing {

class Bench : public ::testing::Test {
 protected:
  /// Boards b1, b2 … of type `dut`, on this host.
  explicit Bench(int boards = 1);

  /// `lockable <arguments>` on this bench.
  Command lockable(std::vector<std::string> arguments) const;
  Ended run_lockable(std::vector<std::string> arguments) const { return run(lockable(std::move(arguments))); }
  /// Replaces the inventory by so many boards.
  void write_boards(int boards) const;
  /// Replaces the inventory by this text.
  void write_inventory(const std::string& text) const { folder_.write("resources.json", text); }
  std::string pid_file(const std::string& id) const { return lock_folder() + "/" + id + ".pid"; }
  std::string lock_folder() const { return folder_ / "locks"; }
  /// Whether a request without time to wait gets a board.
  bool free(const std::string& requirements = "{}") const;
  /// Processes that wait now.
  std::size_t waiting() const;

  TempFolder folder_;
};

/// This machine's name as the inventory must state it.
std::string this_host();

}  // namespace lockable::testing
