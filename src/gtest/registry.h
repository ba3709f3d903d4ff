/// \file
/// Which fixtures and tests demand hardware, known before any test runs.
#pragma once

#include <gtest/gtest.h>
#include <lockable/gtest.h>

namespace lockable::gtest_internal {

/// The demand of the suite's fixture when it is for the whole suite, or nullptr.
const Demand* suite_demand(const ::testing::TestSuite& suite);

/// The requirements of all tests that would run, as a JSON object: test → requirements, or `{"error": …}`.
/// Constructs no fixture.
Json list_requirements();

/// Called by new_test() while list_requirements() asks: true when it took note of the demand.
bool note_demand(const Demand& demand) noexcept;

}  // namespace lockable::gtest_internal
