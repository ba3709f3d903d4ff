#include "cli/ctl/asked.h"

#include <fmt/format.h>

#include "cli/say.h"
#include "cli/store_options.h"
#include "platform/environment.h"
#include "platform/file.h"

namespace lockable::cli {

CLI::App* add_command(CLI::App& app, const char* name, const char* description, Asked& asked) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("--resources", asked.resources, "Inventory: a JSON file, or the URL of one")
      ->envname("LOCKABLE_RESOURCES")
      ->capture_default_str();
  command->add_flag("--json", asked.json, "Print JSON");
  return command;
}

CLI::App* add_store_command(CLI::App& app, const char* name, const char* description, AskedStore& asked) {
  CLI::App* command = add_command(app, name, description, asked);
  add_store_options(*command, asked.lock_folder, asked.store);
  return command;
}

// A folder given here wins over a store given in the environment.
Options store_options(const AskedStore& asked) {
  Options options;
  options.lock_folder = asked.lock_folder;
  options.store = asked.store;
  if (options.store.empty() && options.lock_folder.empty())
    options.store = platform::environment_variable("LOCKABLE_STORE");
  return options;
}

std::string missing_folder(const Options& options) {
  const auto scheme = options.store.find("file:");
  const std::string folder = options.store.empty()         ? options.lock_folder
                             : scheme == std::string::npos ? ""
                                                           : options.store.substr(scheme + 5);
  if (folder.empty() || !platform::is_missing(folder)) return "";
  return fmt::format(
      "lock folder {} is not there. Is that its name? The first who locks something makes it; one for "
      "several users is made by `lockablectl init-folder DIR --group GROUP`",
      folder);
}

Options options_to_look(const AskedStore& asked) {
  Options options = store_options(asked);
  const std::string missing = missing_folder(options);
  if (!missing.empty()) throw LockFolderError(missing);
  return options;
}

std::shared_ptr<const Inventory> read_inventory(const Asked& asked) {
  const auto warn = [](const std::string& text) { say("lockablectl: warning: {}\n", text); };
  return make_provider(asked.resources, {warn})->inventory(BootClock::now() + Lockable::kDefaultTimeout);
}

void print_json(const Json& value) {
  fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace lockable::cli
