#include "gtest/not_run.h"

namespace lockable::gtest_internal {
namespace {

using ::testing::TestPartResult;
using ::testing::TestSuite;

// What GoogleTest does itself after a failure, and keeps private (registry.cpp tells how this works).
template <void (TestSuite::*Member)()>
struct SkipOf {
  friend void skip_tests_of(TestSuite& suite) { (suite.*Member)(); }
};
void skip_tests_of(TestSuite& suite);
template struct SkipOf<&TestSuite::Skip>;

struct Reason {
  std::string text;
  const char* file;
  int line;
};

std::optional<Reason>& skip_reason() {
  static std::optional<Reason> reason;
  return reason;
}

}  // namespace

void skip_program(const std::string& reason, const char* file, int line) {
  skip_reason() = Reason{reason, file, line};
  // GoogleTest says this twice: the reason is told by the tests.
  GTEST_MESSAGE_AT_(file, line, "all tests of this program are skipped", TestPartResult::kSkip);
}

void NotRun::start_iteration(const ::testing::UnitTest& program) {
  skipped_ = false;
  after_set_up(program);
}

void NotRun::after_set_up(const ::testing::UnitTest& program) {
  failed_ = program.ad_hoc_test_result().HasFatalFailure();
  if (skipped_ || !skip_reason() || !program.ad_hoc_test_result().Skipped()) return;
  skipped_ = true;
  skipping_ = true;
  for (int i = 0; i < program.total_test_suite_count(); ++i)
    skip_tests_of(const_cast<TestSuite&>(*program.GetTestSuite(i)));  // NOLINT(*-const-cast)
  skipping_ = false;
}

void NotRun::start_test() {
  if (failed_)
    GTEST_MESSAGE_AT_(__FILE__, __LINE__, "not run: the program could not be set up (the reason is above)",
                      TestPartResult::kFatalFailure);
  else
    GTEST_MESSAGE_AT_(skip_reason()->file, skip_reason()->line, skip_reason()->text.c_str(),
                      TestPartResult::kSkip);
  using Reporter = ::testing::ScopedFakeTestPartResultReporter;
  intercepted_.emplace(Reporter::INTERCEPT_ONLY_CURRENT_THREAD, &unused_);
}

}  // namespace lockable::gtest_internal
