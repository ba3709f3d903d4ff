// How a program that links lockable::gtest gets to know of it: a listener, there before main().
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "gtest/flags.h"
#include "gtest/levels.h"
#include "gtest/not_run.h"
#include "gtest/outcome.h"
#include "gtest/registry.h"

namespace lockable::gtest_internal {
namespace {

class Listener : public ::testing::EmptyTestEventListener {
  void OnTestProgramStart(const ::testing::UnitTest&) override {
    if (!flags().list_requirements) return;
    const std::string text =
        list_requirements(flags().list_all).dump(-1, ' ', false, Json::error_handler_t::replace);
    fmt::print("{}\n", text);
    std::fflush(stdout);
    std::_Exit(0);
  }

  void OnTestIterationStart(const ::testing::UnitTest& program, int) override {
    not_run_.start_iteration(program);
  }

  // Before any Environment::SetUp(). A failure here keeps the tests from being run.
  void OnEnvironmentsSetUpStart(const ::testing::UnitTest&) override {
    if (!flags().problem.empty()) {
      GTEST_MESSAGE_AT_(__FILE__, __LINE__, flags().problem.c_str(),
                        ::testing::TestPartResult::kFatalFailure);
      return;
    }
    if (!flags().requirements) return;
    const Demand demand{[] { return Requirements(*flags().requirements); }, Level::kTest, __FILE__, __LINE__};
    hold_for(Levels::kProgram, demand);
  }

  void OnEnvironmentsSetUpEnd(const ::testing::UnitTest& program) override { not_run_.after_set_up(program); }

  void OnTestSuiteStart(const ::testing::TestSuite& suite) override {
    if (not_run_) return;
    const Demand* demand = suite_demand(suite);
    if (demand != nullptr && !hold_suite(*demand)) keep_from_being_set_up(suite);
  }

  void OnTestStart(const ::testing::TestInfo&) override {
    if (not_run_) return not_run_.start_test();
    record_properties();
  }
  void OnTestEnd(const ::testing::TestInfo&) override {
    if (not_run_) return not_run_.end_test();
    report_lost();  // tests whose fixture is not ours may use what suite or program hold
  }

  void OnTestSuiteEnd(const ::testing::TestSuite& suite) override {
    restore_functions(suite);
    end_suite(suite);
  }
  void OnEnvironmentsTearDownEnd(const ::testing::UnitTest&) override { end_program(); }

  NotRun not_run_;
};

}  // namespace
}  // namespace lockable::gtest_internal

// The linker is told to look for this name, so that the listener is there also where nothing else of ours is
// used.
extern "C" const bool lockable_gtest_hook = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new lockable::gtest_internal::Listener);
  return true;
}();
