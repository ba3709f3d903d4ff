#include <fmt/format.h>
#include <lockable/lockable.h>

#include "allocation/diagnosis.h"
#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "json/read_json.h"
#include "platform/file.h"

namespace lockable::cli {
namespace {

struct Findings {
  std::string source;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::size_t resources = 0;
};

void add(const Inventory& inventory, Findings& findings) {
  findings.source = inventory.source();
  findings.resources = inventory.resources().size();
  findings.warnings = doubts(inventory);
}

// All that is wrong with a file; of what comes from elsewhere, the first.
Findings check(const Asked& asked) {
  Findings findings;
  findings.source = asked.resources;
  try {
    add(*read_inventory(asked), findings);
  } catch (const InvalidInventory& error) {
    findings.errors.emplace_back(error.what());
    try {
      const auto all = Inventory::problems(read_json(platform::read_file(asked.resources)));
      findings.errors.clear();
      for (const std::string& one : all)
        findings.errors.push_back(fmt::format("inventory {}: {}", asked.resources, one));
    } catch (const std::runtime_error&) {
      return findings;  // no JSON, or no file: what it said stands
    }
  }
  return findings;
}

int validate(const Asked& asked) {
  const Findings findings = check(asked);
  const bool valid = findings.errors.empty();
  if (asked.json) {
    print_json({{"source", findings.source},
                {"valid", valid},
                {"resources", findings.resources},
                {"errors", findings.errors},
                {"warnings", findings.warnings}});
  } else {
    for (const std::string& error : findings.errors) fmt::print(stderr, "lockablectl: {}\n", error);
    for (const std::string& warning : findings.warnings)
      fmt::print(stderr, "lockablectl: warning: inventory {}: {}\n", findings.source, warning);
    if (valid)
      fmt::print("{}: valid, {} resource{}\n", findings.source, findings.resources,
                 findings.resources == 1 ? "" : "s");
  }
  return valid ? kSuccess : kInvalidData;
}

}  // namespace

void add_validate(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<Asked>();
  add_command(app, "validate", "Checks the inventory: all its errors, and what is probably a mistake", *asked)
      ->callback([asked, &exit_code] { exit_code = validate(*asked); });
}

}  // namespace lockable::cli
