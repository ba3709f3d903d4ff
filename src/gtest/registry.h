/// \file
/// Which fixtures and tests demand hardware, known before any test runs.
#pragma once

#include <gtest/gtest.h>
#include <lockable/gtest.h>

namespace lockable::gtest_internal {

/// The demand of the suite's fixture when it is for the whole suite, or nullptr.
const Demand* suite_demand(const ::testing::TestSuite& suite);

/// SetUpTestSuite() and TearDownTestSuite() of that suite are not called until restore_functions(): it has no
/// hardware to set up. For the suite that is about to run.
void keep_from_being_set_up(const ::testing::TestSuite& suite);
/// For the next repetition (--gtest_repeat).
void restore_functions(const ::testing::TestSuite& suite);

/// The requirements of all tests, or of those that would run, as a JSON object: test → requirements, or
/// `{"error": …}`. Constructs no fixture.
Json list_requirements(bool all_tests);

/// For requirements that throw something else than exceptions of the standard library.
constexpr const char* kOddException = "the requirements threw something that is no std::exception";

/// Called by new_test() while list_requirements() asks: true when it took note of the demand.
bool note_demand(const Demand& demand) noexcept;

}  // namespace lockable::gtest_internal
