#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

#include "cli/ctest/capacity.h"
#include "cli/ctest/demand.h"
#include "cli/ctest/listing.h"
#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "platform/identity.h"
#include "platform/replace_file.h"

namespace lockable::cli {
namespace {

constexpr const char* kSpecOption = "--resource-spec-file";

// CMake code that stands for exactly that text.
std::string bracketed(const std::string& text) {
  std::string fence = "=";
  while (text.find("]" + fence + "]") != text.npos) fence += '=';
  return fmt::format("[{0}[{1}]{0}]", fence, text);
}

std::string script(const WantedTests& wanted, const Capacity& capacity, const std::string& spec) {
  std::string code = "set(CTEST_RESOURCE_SPEC_FILE " + bracketed(spec) + ")\n";
  for (std::size_t i = 0; i < wanted.names.size(); ++i)
    if (!capacity.groups[i].empty())
      code += fmt::format("set_tests_properties({} PROPERTIES RESOURCE_GROUPS \"{}\"{})\n",
                          bracketed(wanted.names[i]), capacity.groups[i],
                          wanted.has_cost[i] ? "" : fmt::format(" COST {:.3f}", capacity.costs[i]));
  return code;
}

// ctest started us, by a script of ours; its user may have a spec of his own.
bool parent_has_spec() {
  const std::vector<std::string> words = platform::parent_command_line();
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.rfind(kSpecOption, 0) == 0; });
}

std::string why_not(const std::vector<ListedTest>& tests) {
  if (parent_has_spec()) return std::string("ctest was given ") + kSpecOption;
  for (const ListedTest& test : tests)
    if (test.has_groups) return "the test " + test.name + " has RESOURCE_GROUPS of its own";
  return "";
}

// The name tells the content: two ctest runs may do this at once, over inventories that differ.
std::string write_beside(const std::string& folder, const std::string& start, const std::string& end,
                         const std::string& content) {
  std::string path = fmt::format("{}/{}-{:016x}{}", folder, start, std::hash<std::string>()(content), end);
  platform::replace_file(path, content);
  return path;
}

int make_spec(const std::string& folder) {
  const std::vector<ListedTest> tests = read_listing(platform::read_standard_input());
  if (std::none_of(tests.begin(), tests.end(), is_ours)) return kSuccess;
  if (const std::string reason = why_not(tests); !reason.empty()) {
    say("lockable: {}, so ctest starts tests that may have to wait for hardware\n", reason);
    return kSuccess;
  }
  const WantedTests wanted = wanted_by(tests);
  for (const std::string& problem : wanted.problems)
    say("lockable: {}; ctest starts tests that may have to wait for hardware\n", problem);
  const Capacity capacity = capacity_for(wanted.wants);
  platform::replace_file(folder + "/demand.json", demand_text(wanted.of_inventory));
  if (capacity.classes.empty()) return kSuccess;
  const std::string spec = write_beside(folder, "spec", ".json", resource_spec(capacity).dump(1) + "\n");
  fmt::print("{}", write_beside(folder, "groups", ".cmake", script(wanted, capacity, spec)));
  return kSuccess;
}

}  // namespace

void add_ctest_spec(CLI::App& app, int& exit_code) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("ctest-spec",
                                         "Reads `ctest --show-only=json-v1` from standard input and makes "
                                         "CTest's resource specification from the "
                                         "inventories as they are now; prints the path of a CMake script "
                                         "that activates it (cmake/Lockable.cmake)");
  command->add_option("--output", *folder, "Folder for the files")->required();
  command->callback([folder, &exit_code] { exit_code = make_spec(*folder); });
}

}  // namespace lockable::cli
