#include "support/bench.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace lockable::testing {

std::string this_host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

Bench::Bench(int boards) { write_boards(boards); }

void Bench::write_boards(int boards) const {
  nlohmann::json inventory = nlohmann::json::array();
  for (int i = 1; i <= boards; ++i)
    inventory.push_back(
        {{"id", "b" + std::to_string(i)}, {"type", "dut"}, {"hostname", this_host()}, {"online", true}});
  write_inventory(inventory.dump());
}

Command Bench::lockable(std::vector<std::string> arguments) const {
  Command command;
  command.argv = {LOCKABLE_COMMAND};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.env = {{"LOCKABLE_RESOURCES", folder_ / "resources.json"}, {"LOCKABLE_LOCK_FOLDER", lock_folder()}};
  command.folder = folder_.path();
  return command;
}

bool Bench::free(const std::string& requirements) const {
  const Ended ended = run_lockable({"--timeout", "0", "--requirements", requirements, "--", "true"});
  if (ended.exit_code != 0 && ended.exit_code != 75) throw std::runtime_error("unexpected: " + ended.err);
  return ended.exit_code == 0;
}

std::size_t Bench::waiting() const {
  std::error_code none;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(lock_folder() + "/.lockable/queue", none))
    count += entry.path().extension() == ".bell" &&
                     std::filesystem::exists(entry.path().parent_path() / entry.path().stem())
                 ? 1
                 : 0;
  return count;
}

}  // namespace lockable::testing
