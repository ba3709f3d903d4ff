#include "cli/ctest/listing.h"

#include <lockable/lockable.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "allocation/candidates.h"
#include "cli/command_line.h"
#include "cli/ctest/cases.h"
#include "json/read_json.h"
#include "platform/identity.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 5s;  // ctest is started by people, who wait for it

ListedTest read_test(const Json& listed) {
  ListedTest test;
  test.name = listed.value("name", "");
  test.command = listed.value("command", std::vector<std::string>());
  for (const Json& property : listed.value("properties", Json::array())) {
    const std::string name = property.value("name", "");
    if (name == "WORKING_DIRECTORY") test.working_directory = property.value("value", "");
    if (name == "COST") test.has_cost = true;
    if (name == "RESOURCE_GROUPS") test.has_groups = true;
    if (name != "ENVIRONMENT" && name != "ENVIRONMENT_MODIFICATION") continue;
    for (const Json& text : property.value("value", Json::array()))
      if (text.get<std::string>().rfind("LOCKABLE_", 0) == 0) test.has_settings = true;
  }
  return test;
}

// What `lockable` will make of the tests' commands. Those of the cases of one program differ in the case
// only.
class Commands {
 public:
  // Empty when it will not come to asking for anything.
  std::optional<Requirements> requirements_of(const ListedTest& test) {
    const CommandLine* const line = line_of(test);
    if (line == nullptr) return std::nullopt;
    const auto declared = line->cases.empty() ? std::nullopt : cases_of(*line).requirements_of(test.command);
    if (declared) return Requirements(*declared);
    return line->without_hardware ? std::nullopt : std::optional(line->requirements);
  }

  // nullptr when it is at fault.
  const CommandLine* line_of(const ListedTest& test) {
    std::vector<std::string> words;
    std::copy_if(test.command.begin(), test.command.end(), std::back_inserter(words),
                 [](const std::string& word) { return !names_case(word); });
    const auto [at, fresh] = lines_.emplace(words, std::nullopt);
    if (fresh) at->second = read(words);
    return at->second ? &*at->second : nullptr;
  }

 private:
  static std::optional<CommandLine> read(const std::vector<std::string>& words) {
    std::vector<const char*> pointers;
    pointers.reserve(words.size());
    for (const std::string& word : words) pointers.push_back(word.c_str());
    int exit_code = 0;
    return read_command_line(static_cast<int>(pointers.size()), pointers.data(), exit_code);
  }
  const Cases& cases_of(const CommandLine& line) {
    return cases_.try_emplace(line.cases, line.cases).first->second;
  }

  std::map<std::vector<std::string>, std::optional<CommandLine>> lines_;
  std::map<std::string, Cases> cases_;
};

Json resources_of(const CommandLine& line, const ListedTest& test) {
  const std::string text = line.options.resources.get<std::string>();
  const bool relative = text.find("://") == text.npos && text.rfind('/', 0) != 0;
  return relative && !test.working_directory.empty() ? test.working_directory + "/" + text : text;
}

class Inventories {
 public:
  // nullptr when it cannot be had.
  const Inventory* of(const Json& resources) {
    const auto known = all_.find(resources);
    if (known != all_.end()) return known->second.get();
    return all_.emplace(resources, read(resources)).first->second.get();
  }
  std::vector<std::string> problems;

 private:
  std::shared_ptr<const Inventory> read(const Json& resources) try {
    return make_provider(resources)->inventory(BootClock::now() + kPatience);
  } catch (const Error& error) {
    problems.emplace_back(error.what());
    return nullptr;
  }
  std::map<Json, std::shared_ptr<const Inventory>> all_;
};

}  // namespace

std::vector<ListedTest> read_listing(const std::string& text) try {
  std::vector<ListedTest> tests;
  const Json all = read_json(text);
  for (const Json& listed : all.at("tests")) tests.push_back(read_test(listed));
  return tests;
} catch (const std::exception& error) {
  throw Error(std::string("this is no output of `ctest --show-only=json-v1`: ") + error.what());
}

bool is_ours(const ListedTest& test) {
  if (test.command.size() < 3 || test.command[1] != "--ctest") return false;
  const std::string& program = test.command.front();
  return program.substr(program.find_last_of('/') + 1) == "lockable";
}

WantedTests wanted_by(const std::vector<ListedTest>& tests) {
  WantedTests wanted;
  Commands commands;
  Inventories inventories;
  std::map<std::pair<const Inventory*, Json>, Wants> known;
  const std::string this_host = platform::host_name();
  for (const ListedTest& test : tests) try {
      if (!is_ours(test) || test.has_settings) continue;
      const auto requirements = commands.requirements_of(test);
      if (!requirements) continue;
      const CommandLine* const line = commands.line_of(test);
      const Inventory* const inventory = inventories.of(resources_of(*line, test));
      if (inventory == nullptr) continue;
      const Requirements complete =
          requirements->with_defaults(line->options.hostname.empty() ? this_host : line->options.hostname);
      const auto [at, fresh] = known.emplace(std::pair(inventory, complete.json()), Wants());
      if (fresh) at->second = wants_of(complete, *inventory);
      wanted.names.push_back(test.name);
      wanted.has_cost.push_back(test.has_cost);
      wanted.wants.push_back(at->second);
    } catch (const Error&) {
      continue;
    }
  wanted.problems = std::move(inventories.problems);
  return wanted;
}

}  // namespace lockable::cli
