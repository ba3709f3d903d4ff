#include "support/bench.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

namespace lockable::testing {

std::string this_host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

Bench::Bench(int boards) {
  const char* kind = ::getenv("BENCH_STORE");
  if (kind != nullptr && std::string(kind) == "etcd") etcd_ = std::make_unique<EtcdCluster>(1);
  write_boards(boards);
}

std::map<std::string, std::string> Bench::store_environment() const {
  if (!on_etcd()) return {{"LOCKABLE_LOCK_FOLDER", lock_folder()}};
  return {{"LOCKABLE_STORE", etcd_->uri()},
          {"LOCKABLE_ETCD_LEASE_TIME", std::to_string(kBenchLease.count())}};
}

std::shared_ptr<LockStore> Bench::store() const {
  StoreOptions options;
  options.uri = on_etcd() ? etcd_->uri() : "file:" + lock_folder();
  options.etcd.lease_time = kBenchLease;
  return open_store(options);
}

void Bench::use_store(Options& options) const {
  if (!on_etcd()) {
    options.lock_folder = lock_folder();
    return;
  }
  options.store = etcd_->uri();
  options.etcd.lease_time = kBenchLease;
}

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
  command.env = store_environment();
  command.env["LOCKABLE_RESOURCES"] = folder_ / "resources.json";
  command.folder = folder_.path();
  return command;
}

bool Bench::free(const std::string& requirements) const {
  const Ended ended = run_lockable({"--timeout", "0", "--requirements", requirements, "--", "true"});
  if (ended.exit_code != 0 && ended.exit_code != 75) throw std::runtime_error("unexpected: " + ended.err);
  return ended.exit_code == 0;
}

bool Bench::free_after_a_death(const std::string& requirements) const {
  if (on_etcd()) await("the lease of the dead has ended", [&] { return free(requirements); });
  return free(requirements);
}

std::size_t Bench::waiting() const {
  if (on_etcd()) return store()->queue().size();
  std::error_code none;
  std::set<std::string> places;  // a ticket that was written anew is there twice for a while
  for (const auto& entry : std::filesystem::directory_iterator(lock_folder() + "/.lockable/queue", none))
    if (const std::string name = entry.path().filename(); name.front() != '.')
      places.insert(name.substr(0, name.find('-', name.find('-') + 1)));  // rank and arrival
  return places.size();
}

}  // namespace lockable::testing
