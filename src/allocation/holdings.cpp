#include "allocation/holdings.h"

#include <map>
#include <mutex>

#include "allocation/surrounding.h"
#include "platform/identity.h"

namespace lockable {
namespace {

struct Owner {
  int pid;  // a forked child has nothing
  int thread;
};

struct Known {
  std::mutex mutex;
  std::map<std::string, Owner> owners;  // by alloc_id
};

Known& known() {
  static auto* instance = new Known;
  return *instance;
}

}  // namespace

void note_holding(const std::string& alloc_id) {
  const std::lock_guard<std::mutex> guard(known().mutex);
  known().owners[alloc_id] = {platform::own_pid(), platform::own_thread()};
}

void forget_holding(const std::string& alloc_id) noexcept {
  const std::lock_guard<std::mutex> guard(known().mutex);
  known().owners.erase(alloc_id);
}

std::vector<std::string> holdings() {
  std::vector<std::string> result;
  for (const Json& element : surrounding_allocations())
    result.push_back(element.at("alloc_id").get<std::string>());
  const std::lock_guard<std::mutex> guard(known().mutex);
  for (const auto& [alloc_id, owner] : known().owners)
    if (owner.pid == platform::own_pid() && owner.thread == platform::own_thread())
      result.push_back(alloc_id);
  return result;
}

}  // namespace lockable
