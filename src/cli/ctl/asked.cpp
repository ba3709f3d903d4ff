#include "cli/ctl/asked.h"

#include <fmt/format.h>
#include <lockable/lockable.h>

#include "cli/say.h"

namespace lockable::cli {

CLI::App* add_command(CLI::App& app, const char* name, const char* description, Asked& asked) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("--resources", asked.resources, "Inventory: a JSON file, or the URL of one")
      ->envname("LOCKABLE_RESOURCES")
      ->capture_default_str();
  command->add_flag("--json", asked.json, "Print JSON");
  return command;
}

std::shared_ptr<const Inventory> read_inventory(const Asked& asked) {
  const auto warn = [](const std::string& text) { say("lockablectl: warning: {}\n", text); };
  return make_provider(asked.resources, {warn})->inventory(BootClock::now() + Lockable::kDefaultTimeout);
}

void print_json(const Json& value) {
  fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace lockable::cli
