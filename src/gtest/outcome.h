/// \file
/// How requests become results of GoogleTest: failures, skips, properties.
#pragma once

#include <lockable/gtest.h>

#include "gtest/levels.h"

namespace lockable::gtest_internal {

/// Holds what the demand says at that level; else reports a failure or a skip to GoogleTest and returns
/// false.
bool hold_for(Levels::Index level, const Demand& demand);
bool hold_for(Levels::Index level, const Requirements& requirements, const char* file, int line);

/// The same once per suite: what the first call found is repeated until the suite ends.
bool hold_suite(const Demand& demand);
void end_suite(const ::testing::TestSuite& suite);

/// Tells the test's own allocations how it went (Options::quarantine_after), before they are released.
void note_outcome_of_test();
/// The same for what the program holds, and releases it.
void end_program();

/// Puts what the running test uses into its results.
void record_properties();
/// Fails the running test when a lock that it uses was lost.
void report_lost() noexcept;

}  // namespace lockable::gtest_internal
