/// \file
/// Options that are seconds.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>

namespace lockable::cli {

/// Accepts 0 and more.
const CLI::Validator& seconds_check();

/// At most some centuries.
std::chrono::nanoseconds nanoseconds(double seconds);

}  // namespace lockable::cli
