/// \file
/// Options that are integers.
#pragma once

#include <CLI/CLI.hpp>

namespace lockable::cli {

/// Accepts what an int can be.
const CLI::Validator& integer_check();
/// Accepts 0 and more.
const CLI::Validator& count_check();

}  // namespace lockable::cli
