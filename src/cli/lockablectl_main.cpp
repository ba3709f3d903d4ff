// lockablectl: looks at inventory and locks. Each of its commands has a file of its own in ctl/.
#include <fmt/format.h>
#include <lockable/version.h>

#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "cli/usage_error.h"
#include "json/one_line.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

// Where no command was found CLI11 says only that it is missing, whatever word stands in its place.
CLI::ParseError told(const CLI::App& app, const CLI::ParseError& error) {
  if (!app.get_subcommands().empty()) return named_by_origin(*app.get_subcommands().front(), error);
  const std::vector<std::string> words = app.remaining();
  if (words.empty()) return error;
  std::string text = "unknown option " + words.front();
  if (words.front().rfind('-', 0) != 0) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(command->get_name());
    text = fmt::format("no such command: {}. There are {}", one_line(words.front()), fmt::join(names, ", "));
  }
  return {text, kUsage};
}

int main_of_lockablectl(int argc, char** argv) try {
  platform::occupy_standard_streams();
  int exit_code = kSuccess;
  CLI::App app{"Looks at lockable resources, their inventory and their locks.", "lockablectl"};
  app.set_version_flag("--version", "lockablectl " LOCKABLE_VERSION);
  app.require_subcommand(1);
  for (const auto add : {add_list, add_validate, add_match, add_explain, add_status, add_reserve, add_release,
                         add_init_folder, add_doctor, add_ctest_spec, add_junit})
    add(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool fine = error.get_exit_code() == 0;  // help, version
    return app.exit(fine ? error : told(app, error)) == 0 ? kSuccess : kUsage;
  }
  return exit_code;
} catch (...) {
  return report_exception("lockablectl");
}

}  // namespace
}  // namespace lockable::cli

int main(int argc, char** argv) { return lockable::cli::main_of_lockablectl(argc, argv); }
