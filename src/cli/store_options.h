/// \file
/// The options that say where the locks are.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lockable::cli {

/// Adds `--lock-folder` and `--store`. A store of files is a folder already: it refuses another one. Neither
/// is asked of the environment, where a folder given here would not win over a store given there.
void add_store_options(CLI::App& app, std::string& lock_folder, std::string& store);

}  // namespace lockable::cli
