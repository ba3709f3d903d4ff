#include "cli/ctest/listing.h"

#include <lockable/lockable.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "allocation/candidates.h"
#include "cli/command_line.h"
#include "cli/ctest/cases.h"
#include "cli/ctest/fixture_use.h"
#include "json/read_json.h"
#include "platform/identity.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 5s;  // ctest is started by people, who wait for it

bool is_setting(const std::string& variable) {
  return variable.rfind("LOCKABLE_", 0) == 0 && variable.rfind("LOCKABLE_FIXTURES=", 0) != 0;
}

ListedTest read_test(const Json& listed) {
  ListedTest test;
  test.name = listed.value("name", "");
  test.command = listed.value("command", std::vector<std::string>());
  for (const Json& property : listed.value("properties", Json::array())) {
    const std::string name = property.value("name", "");
    if (name == "WORKING_DIRECTORY") test.working_directory = property.value("value", "");
    if (name == "COST") test.has_cost = true;
    if (name == "RESOURCE_GROUPS") test.has_groups = true;
    if (name == "FIXTURES_REQUIRED") test.fixtures = property.value("value", test.fixtures);
    if (name != "ENVIRONMENT" && name != "ENVIRONMENT_MODIFICATION") continue;
    for (const Json& text : property.value("value", Json::array()))
      if (is_setting(text.get<std::string>())) test.has_settings = true;
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
    if (line->without_hardware || (line->fixture && line->fixture->cleanup)) return std::nullopt;
    return line->requirements;
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

class WantedBy {
 public:
  // Before any test is added.
  void note_fixture(const ListedTest& test) {
    const std::string fixture = fixture_of(test);
    if (fixture.empty()) return;
    if (auto own = wants(test)) fixtures_.add(fixture, std::move(*own));
  }

  void add(const ListedTest& test) {
    auto own = wants(test);
    if (!own) return;
    if (!fixtures_.knows_any(test.fixtures)) return put_own(test, std::move(*own));
    const bool takes_all = commands_.line_of(test)->asks_nothing;
    auto taken = fixtures_.taken_of(test.fixtures, takes_all ? nullptr : &*own);
    if (taken)
      put(test, std::move(*taken));
    else
      put_own(test, std::move(*own));
  }

  WantedTests result() {
    wanted_.problems = std::move(inventories_.problems);
    return std::move(wanted_);
  }

 private:
  // That the test sets up or cleans up; empty when it does not.
  std::string fixture_of(const ListedTest& test) try {
    const CommandLine* const line = is_ours(test) ? commands_.line_of(test) : nullptr;
    return line != nullptr && line->fixture ? line->fixture->name : "";
  } catch (const Error&) {
    return "";
  }

  // Of the inventory; empty where that is nothing, or cannot be told.
  std::optional<Wants> wants(const ListedTest& test) try {
    if (!is_ours(test) || test.has_settings) return std::nullopt;
    const auto requirements = commands_.requirements_of(test);
    if (!requirements) return std::nullopt;
    const CommandLine* const line = commands_.line_of(test);
    const Inventory* const inventory = inventories_.of(resources_of(*line, test));
    if (inventory == nullptr) return std::nullopt;
    const Requirements complete =
        requirements->with_defaults(line->options.hostname.empty() ? this_host_ : line->options.hostname);
    const auto [at, fresh] = known_.emplace(std::pair(inventory, complete.json()), Wants());
    if (fresh) at->second = wants_of(complete, *inventory);
    return at->second;
  } catch (const Error&) {
    return std::nullopt;
  }

  void put_own(const ListedTest& test, Wants wants) {
    wanted_.of_inventory.push_back(wants);
    put(test, std::move(wants));
  }

  void put(const ListedTest& test, Wants wants) {
    wanted_.names.push_back(test.name);
    wanted_.has_cost.push_back(test.has_cost);
    wanted_.wants.push_back(std::move(wants));
  }

  Commands commands_;
  Inventories inventories_;
  FixtureUse fixtures_;
  WantedTests wanted_;
  std::map<std::pair<const Inventory*, Json>, Wants> known_;
  const std::string this_host_ = platform::host_name();
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
  WantedBy wanted;
  for (const ListedTest& test : tests) wanted.note_fixture(test);
  for (const ListedTest& test : tests) wanted.add(test);
  return wanted.result();
}

}  // namespace lockable::cli
