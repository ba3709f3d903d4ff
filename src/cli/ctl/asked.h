/// \file
/// What most commands of lockablectl are asked: which inventory, which lock store, and whether to print JSON.
#pragma once

#include <lockable/lockable.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace lockable::cli {

struct Asked {
  std::string resources = "./resources.json";
  bool json = false;
};

/// Adds a command with the options `--resources` and `--json`, which end in `asked`.
CLI::App* add_command(CLI::App& app, const char* name, const char* description, Asked& asked);

/// The same of commands that look at the locks.
struct AskedStore : Asked {
  std::string lock_folder;
  std::string store;
};

/// Adds a command with these options, `--lock-folder` and `--store`.
CLI::App* add_store_command(CLI::App& app, const char* name, const char* description, AskedStore& asked);

/// What they say of the store, for a Lockable: as `lockable` takes it. Asks the environment.
Options store_options(const AskedStore& asked);

/// What is amiss when the lock folder is not there: who only looks does not make it, since a name that was
/// mistyped would look like a folder where nobody holds anything. Empty otherwise.
std::string missing_folder(const Options& options);

/// The options for a command that only looks: throws LockFolderError for a lock folder that is not there.
Options options_to_look(const AskedStore& asked);

/// Reads the inventory; warnings go to standard error. Throws InvalidInventory, ProviderError.
std::shared_ptr<const Inventory> read_inventory(const Asked& asked);

/// Prints it with indentation, never invalid UTF-8.
void print_json(const Json& value);

}  // namespace lockable::cli
