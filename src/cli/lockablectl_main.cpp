// lockablectl: looks at inventory and locks.
#include <fmt/format.h>
#include <lockable/lockable.h>

#include <CLI/CLI.hpp>
#include <string>

#include "cli/exit_code.h"
#include "json/secrets.h"
#include "json/show.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

struct Asked {
  std::string resources = "./resources.json";
  bool json = false;
};

std::shared_ptr<const Inventory> read_inventory(const Asked& asked) {
  const auto warn = [](const std::string& text) { fmt::print(stderr, "lockablectl: warning: {}\n", text); };
  return make_provider(asked.resources, warn)->inventory(BootClock::now() + Lockable::kDefaultTimeout);
}

int list(const Asked& asked) {
  const auto inventory = read_inventory(asked);
  const std::vector<std::string> secret_keys = Options().secret_keys;
  Json all = Json::array();
  for (const Resource& resource : inventory->resources()) all.push_back(redacted(resource.info, secret_keys));
  if (asked.json) {
    fmt::print("{}\n", all.dump(2, ' ', false, Json::error_handler_t::replace));
    return kSuccess;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    Json rest = all[i];
    rest.erase("id");
    fmt::print("{:<20} {}\n", inventory->resources()[i].id, show(rest));
  }
  return kSuccess;
}

int validate(const Asked& asked) {
  const auto inventory = read_inventory(asked);
  const std::size_t count = inventory->resources().size();
  if (asked.json)
    fmt::print("{}\n", Json{{"source", inventory->source()}, {"valid", true}, {"resources", count}}.dump());
  else
    fmt::print("{}: valid, {} resource{}\n", inventory->source(), count, count == 1 ? "" : "s");
  return kSuccess;
}

int main_of_lockablectl(int argc, char** argv) try {
  platform::occupy_standard_streams();
  Asked asked;
  CLI::App app{"Looks at an inventory of lockable resources.", "lockablectl"};
  app.set_version_flag("--version", "lockablectl " LOCKABLE_VERSION);
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("--resources", asked.resources, "Inventory: a JSON file, or the URL of one")
        ->envname("LOCKABLE_RESOURCES")
        ->capture_default_str();
    command->add_flag("--json", asked.json, "Print JSON");
    return command;
  };
  const CLI::App* list_command = add("list", "Lists the resources, secrets hidden");
  add("validate", "Checks the inventory");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  return list_command->parsed() ? list(asked) : validate(asked);
} catch (...) {
  return report_exception("lockablectl");
}

}  // namespace
}  // namespace lockable::cli

int main(int argc, char** argv) { return lockable::cli::main_of_lockablectl(argc, argv); }
