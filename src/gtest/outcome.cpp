#include "gtest/outcome.h"

#include <fmt/format.h>

#include <functional>
#include <optional>

#include "allocation/allocated_line.h"
#include "allocation/disabled.h"
#include "allocation/fixture.h"
#include "gtest/flags.h"
#include "gtest/not_run.h"
#include "gtest/registry.h"
#include "platform/identity.h"

namespace lockable::gtest_internal {
namespace {

struct Problem {
  std::string text;
  bool skip = false;
};

std::optional<Problem> try_to_hold(Levels::Index level, const std::function<Requirements()>& requirements) {
  if (!flags().problem.empty()) return Problem{flags().problem};
  if (flags().disabled) return Problem{kDisabled, true};
  try {
    Levels::instance().hold(level, requirements());
    return std::nullopt;
  } catch (const FixtureSkipped& error) {
    return Problem{error.what(), true};
  } catch (const ResourceNotFound& error) {
    return Problem{error.what(), flags().skip_when_missing};
  } catch (const std::exception& error) {
    return Problem{error.what()};
  } catch (...) {
    return Problem{kOddException};
  }
}

void report(Levels::Index level, const Problem& problem, const char* file, int line) {
  if (problem.skip && level == Levels::kProgram)
    skip_program("lockable: " + problem.text, file, line);
  else if (problem.skip)
    GTEST_MESSAGE_AT_(file, line, ("lockable: " + problem.text).c_str(), ::testing::TestPartResult::kSkip);
  else
    GTEST_MESSAGE_AT_(file, line, ("lockable: " + problem.text).c_str(),
                      ::testing::TestPartResult::kFatalFailure);
}

std::optional<std::optional<Problem>>& suite_outcome() {
  static std::optional<std::optional<Problem>> outcome;
  return outcome;
}

// Of a suite or the program. What was only skipped says nothing.
template <typename Tests>
Outcome outcome_of(const Tests& tests) {
  if (tests.Failed()) return Outcome::kFailure;
  return tests.successful_test_count() > 0 ? Outcome::kSuccess : Outcome::kUnknown;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void record_resource(const std::string& start, const Allocation& allocation) {
  const Json info = allocation.public_info();
  for (const auto& item : info.items())
    ::testing::Test::RecordProperty(start + item.key(), text_of(item.value()));
}

}  // namespace

bool hold_for(Levels::Index level, const Demand& demand) {
  const auto problem = try_to_hold(level, demand.requirements);
  if (problem) report(level, *problem, demand.file, demand.line);
  return !problem;
}

bool hold_for(Levels::Index level, const Requirements& requirements, const char* file, int line) {
  const auto problem = try_to_hold(level, [&requirements] { return requirements; });
  if (problem) report(level, *problem, file, line);
  return !problem;
}

bool hold_suite(const Demand& demand) {
  auto& outcome = suite_outcome();
  const bool in_test = ::testing::UnitTest::GetInstance()->current_test_info() != nullptr;
  if (!outcome) outcome = try_to_hold(Levels::kSuite, demand.requirements);
  const std::optional<Problem>& problem = *outcome;
  if (problem && in_test) report(Levels::kSuite, *problem, demand.file, demand.line);
  return !problem;
}

void end_suite(const ::testing::TestSuite& suite) {
  suite_outcome().reset();
  Levels::instance().note_outcome(Levels::kSuite, outcome_of(suite), std::string("suite ") + suite.name());
  Levels::instance().release(Levels::kSuite);
}

void record_properties() {
  const Holding holding = Levels::instance().in_use();
  if (holding.empty()) return;
  std::string alloc_ids;
  Allocated allocated;
  allocated.host = platform::host_name();
  for (const auto& allocation : holding) {
    allocated.resource_ids.push_back(allocation->resource_id());
    allocated.alloc_ids.push_back(allocation->alloc_id());
    alloc_ids += (alloc_ids.empty() ? "" : ",") + allocation->alloc_id();
    if (!allocation->role().empty()) record_resource("resource_" + allocation->role() + "_", *allocation);
  }
  record_resource("resource_", *holding.front());
  ::testing::Test::RecordProperty("lockable_alloc_id", alloc_ids);
  const auto waited = std::chrono::duration<double, std::milli>(holding.front()->allocation_queue_time());
  ::testing::Test::RecordProperty("lockable_queue_time_ms", fmt::format("{:.3f}", waited.count()));
  allocated.queue_time = std::chrono::round<std::chrono::milliseconds>(waited);
  // A property has one value; this tells all resources, and where (`lockablectl junit`).
  ::testing::Test::RecordProperty("lockable_allocated", allocated_text(allocated));
}

void note_outcome_of_test() {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return;
  const ::testing::TestResult& result = *test->result();
  const Outcome outcome = result.Failed()    ? Outcome::kFailure
                          : result.Skipped() ? Outcome::kUnknown
                                             : Outcome::kSuccess;
  Levels::instance().note_outcome(Levels::kTest, outcome,
                                  std::string("test ") + test->test_suite_name() + "." + test->name());
}

void end_program() {
  const ::testing::UnitTest& program = *::testing::UnitTest::GetInstance();
  Levels::instance().note_outcome(Levels::kProgram, outcome_of(program), "a test program");
  Levels::instance().release(Levels::kProgram);
}

void report_lost() noexcept try {
  for (const auto& allocation : Levels::instance().in_use()) {
    if (!allocation->lost()) continue;
    const std::string text = "lockable: the lock on " + allocation->resource_id() +
                             " was lost during this test: another program may have used it at the same time";
    GTEST_MESSAGE_AT_(__FILE__, __LINE__, text.c_str(), ::testing::TestPartResult::kNonFatalFailure);
  }
} catch (const std::exception&) {
  return;  // --gtest_throw_on_failure: the failure is on record
}

}  // namespace lockable::gtest_internal
