/// \file
/// The tests of a program that could not be set up. GoogleTest runs none of them: after a failure it reports
/// each as skipped, which CTest takes for the result of a discovered test, and after a skip it says nothing
/// of them, which looks like success. Here they get results that say what happened.
#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace lockable::gtest_internal {

/// Skips all tests of the program, each for that reason. For the set-up of environments.
void skip_program(const std::string& reason, const char* file, int line);

class NotRun {
 public:
  /// What the set-up came to stays for all repetitions (--gtest_repeat), not all of which set up anew.
  void start_iteration(const ::testing::UnitTest& program);
  /// All environments have been set up. Reports the tests of a program that is to be skipped.
  void after_set_up(const ::testing::UnitTest& program);
  /// Whether the tests that start now are only reported.
  explicit operator bool() const { return failed_ || skipping_; }

  /// What happens to a test in between is GoogleTest's own skip of it: ours takes its place.
  void start_test();
  void end_test() { intercepted_.reset(); }

 private:
  bool failed_ = false;
  bool skipping_ = false;
  bool skipped_ = false;  // in this repetition
  ::testing::TestPartResultArray unused_;
  std::optional<::testing::ScopedFakeTestPartResultReporter> intercepted_;
};

}  // namespace lockable::gtest_internal
