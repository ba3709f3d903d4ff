/// \file
/// What a command line is refused with.
#pragma once

#include <CLI/CLI.hpp>

namespace lockable::cli {

/// The error as it is to be told: where the value at fault came from an environment variable, which nobody
/// typed an option for, it names that one. `command` has the options.
CLI::ParseError named_by_origin(const CLI::App& command, const CLI::ParseError& error);

}  // namespace lockable::cli
