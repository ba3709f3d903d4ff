/// \file
/// The commands of lockablectl, one file each. Each adds itself to the program's command line; when it is
/// given it runs, prints, and sets `exit_code`. What goes wrong it throws.
#pragma once

#include <CLI/CLI.hpp>

namespace lockable::cli {

/// Lists the resources, secrets hidden: an aligned table on a terminal, a line of JSON each elsewhere.
void add_list(CLI::App& app, int& exit_code);
/// Checks an inventory: all its errors at once, and warnings.
void add_validate(CLI::App& app, int& exit_code);
/// Matches queries against documents, for other programs.
void add_match(CLI::App& app, int& exit_code);
/// Tells what an inventory has for requirements, or why it has nothing.
void add_explain(CLI::App& app, int& exit_code);
/// Makes a lock folder for the users of a group, or repairs one.
void add_init_folder(CLI::App& app, int& exit_code);
/// Tells who holds what and who waits: a table on a terminal, a sentence each elsewhere, or JSON.
void add_status(CLI::App& app, int& exit_code);
/// Looks whether inventory and lock store can do their work, and says what to do where they cannot.
void add_doctor(CLI::App& app, int& exit_code);
/// Makes CTest's resource specification from inventories, for the CMake module.
void add_ctest_spec(CLI::App& app, int& exit_code);
/// Puts into JUnit reports which hardware each test held.
void add_junit(CLI::App& app, int& exit_code);
/// Takes resources out of service for a person.
void add_reserve(CLI::App& app, int& exit_code);
/// Ends reservations, or who holds a resource.
void add_release(CLI::App& app, int& exit_code);

}  // namespace lockable::cli
