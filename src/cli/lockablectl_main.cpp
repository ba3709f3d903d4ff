// lockablectl: looks at inventory and locks. Each of its commands has a file of its own in ctl/.
#include <lockable/version.h>

#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

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
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  return exit_code;
} catch (...) {
  return report_exception("lockablectl");
}

}  // namespace
}  // namespace lockable::cli

int main(int argc, char** argv) { return lockable::cli::main_of_lockablectl(argc, argv); }
