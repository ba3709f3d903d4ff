/// \file
/// What most commands of lockablectl are asked: which inventory, and whether to print JSON.
#pragma once

#include <lockable/provider.h>

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

/// Reads the inventory; warnings go to standard error. Throws InvalidInventory, ProviderError.
std::shared_ptr<const Inventory> read_inventory(const Asked& asked);

/// Prints it with indentation, never invalid UTF-8.
void print_json(const Json& value);

}  // namespace lockable::cli
