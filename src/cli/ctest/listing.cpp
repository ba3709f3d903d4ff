#include "cli/ctest/listing.h"

#include <lockable/lockable.h>

#include <map>

#include "allocation/candidates.h"
#include "cli/command_line.h"
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

// As `lockable` will read it. Empty when it will not come to asking for anything.
std::optional<CommandLine> command_line_of(const ListedTest& test) {
  std::vector<const char*> words;
  for (const std::string& word : test.command) words.push_back(word.c_str());
  int exit_code = 0;
  auto line = read_command_line(static_cast<int>(words.size()), words.data(), exit_code);
  return line && !line->without_hardware ? std::move(line) : std::nullopt;
}

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
  Inventories inventories;
  std::map<std::pair<const Inventory*, Json>, Wants> known;
  const std::string this_host = platform::host_name();
  for (const ListedTest& test : tests) try {
      if (!is_ours(test) || test.has_settings) continue;
      const auto line = command_line_of(test);
      if (!line) continue;
      const Inventory* const inventory = inventories.of(resources_of(*line, test));
      if (inventory == nullptr) continue;
      const Requirements complete = line->requirements.with_defaults(
          line->options.hostname.empty() ? this_host : line->options.hostname);
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
