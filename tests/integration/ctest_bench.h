/// \file
/// A bench with a project of CTest tests over it, under the real cmake and ctest.
#pragma once

#include <filesystem>

#include "support/bench.h"

namespace lockable::testing {

/// A TIMEOUT that what only starts and ends does not reach.
inline const std::string kShort = std::to_string(kSlowness);

class CTestBench : public Bench {
 protected:
  CTestBench() : Bench(2) {}

  /// A project whose CMakeLists.txt goes on like this, configured.
  Ended configure(const std::string& text, const std::string& version = "3.22") const {
    std::filesystem::create_directories(folder_ / "project");
    folder_.write("project/CMakeLists.txt", "cmake_minimum_required(VERSION " + version + R"()
project(bench LANGUAGES NONE)
enable_testing()
add_executable(lockable::command IMPORTED GLOBAL)
set_target_properties(lockable::command PROPERTIES IMPORTED_LOCATION ")" LOCKABLE_COMMAND R"(")
)" + (scheduled_ ? schedule() : "") + R"(
include(")" LOCKABLE_MODULE R"(")
)" + text);
    Command command = lockable({});
    command.argv = {"cmake", "-G", "Ninja", "-S", "project", "-B", "build"};
    return run(command);
  }

  Command ctest(std::vector<std::string> arguments) const {
    Command command = lockable({});
    command.argv = {"ctest", "--test-dir", "build", "-VV"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }

  Ended run_ctest(std::vector<std::string> arguments = {}) const { return run(ctest(std::move(arguments))); }

  /// Whether ctest is told how much hardware there is (lockable_schedule.cmake).
  bool scheduled_ = false;

  /// Configures and runs; everything must pass. Returns the output.
  std::string passes(const std::string& text, std::vector<std::string> arguments = {},
                     const std::string& version = "3.22") const {
    const Ended configured = configure(text, version);
    EXPECT_EQ(configured.exit_code, 0) << configured.err;
    const Ended ended = run_ctest(std::move(arguments));
    EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
    return ended.out;
  }

 private:
  static std::string schedule() {
    return "add_executable(lockable::lockablectl IMPORTED GLOBAL)\n"
           "set_target_properties(lockable::lockablectl PROPERTIES IMPORTED_LOCATION \"" LOCKABLECTL "\")";
  }
};

}  // namespace lockable::testing
