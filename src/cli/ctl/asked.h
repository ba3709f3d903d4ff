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

/// Reads the inventory; warnings go to standard error. Throws InvalidInventory, ProviderError.
std::shared_ptr<const Inventory> read_inventory(const Asked& asked);

/// Prints it with indentation, never invalid UTF-8.
void print_json(const Json& value);

}  // namespace lockable::cli
