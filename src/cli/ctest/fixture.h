/// \file
/// The two tests of a fixture of CTest (lockable_add_fixture()) that holds hardware for the tests that
/// require it.
///
/// The one that sets it up leaves a process behind, the holder, which allocates and holds; the test waits
/// until that has succeeded or failed. The holder releases when the cleanup asks it to, or when ctest has
/// died, then not before a test of its run that still uses the hardware has ended. What it holds is written
/// down in a file for this run (allocation/fixture.h).
#pragma once

#include "cli/command_line.h"

namespace lockable::cli {

/// The setup test. Returns the exit code.
int hold_fixture(const CommandLine& line);

/// The cleanup test: nothing is held when it returns. A fixture that holds nothing is no failure; one whose
/// holder had died before is.
int release_fixture(const CommandLine& line);

}  // namespace lockable::cli
