/// \file
/// What all tests of a ctest run are going to ask for, written down for those of them that run: tests that
/// have not started are in no queue, and the planner could not leave the scarce resources to them.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <vector>

namespace lockable::cli {

/// An array of `{"count": 30, "candidates": [["a1", "a2"]]}`: so many tests want one of these, and so on.
std::string demand_text(const std::vector<Wants>& tests);

/// Empty where the file is missing or anything else: it is a hint only. Throws nothing.
std::vector<Demand> read_demand(const std::string& path) noexcept;

}  // namespace lockable::cli
