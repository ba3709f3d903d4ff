#include <fmt/format.h>

#include <map>

#include "allocation/diagnosis.h"
#include "json/show.h"
#include "requirements/spelling.h"

namespace lockable {
namespace {

constexpr std::size_t kShort = 60;  // bytes of a value in a message
constexpr std::size_t kIdsTold = 5;

// The same doubt about many resources is told once, with the ids of some.
class Doubts {
 public:
  void add(const std::string& doubt, const Resource& resource) {
    const auto [place, is_new] = places_.try_emplace(doubt, ids_.size());
    if (is_new) ids_.emplace_back(doubt, std::vector<std::string>());
    ids_[place->second].second.push_back(show(resource.id, kShort));
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const auto& [doubt, ids] : ids_) {
      const auto told = ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), kIdsTold));
      lines.push_back(fmt::format("{} {}{}{}: {}", ids.size() == 1 ? "resource" : "resources",
                                  fmt::join(ids.begin(), told, ", "), ids.size() > kIdsTold ? " and " : "",
                                  ids.size() > kIdsTold ? fmt::format("{} more", ids.size() - kIdsTold) : "",
                                  doubt));
    }
    return lines;
  }

 private:
  std::map<std::string, std::size_t> places_;
  std::vector<std::pair<std::string, std::vector<std::string>>> ids_;  // by doubt, in order of appearance
};

void look_for_misspelling(const Resource& resource, const std::string& meant, Doubts& doubts) {
  if (resource.info.contains(meant)) return;
  bool found = false;
  for (const auto& item : resource.info.items()) {
    if (!requirements::nearest_word(item.key(), {meant})) continue;
    doubts.add(fmt::format("is the key {} meant to be {}?", show(item.key(), kShort), show(meant)), resource);
    found = true;
  }
  if (!found)
    doubts.add(fmt::format("no {0}: no request gets it unless that sets {0}", show(meant)), resource);
}

void look_at_types(const Resource& resource, Doubts& doubts) {
  const auto check = [&](const char* key, const char* expected, auto good) {
    const auto value = resource.info.find(key);
    if (value == resource.info.end() || good(*value)) return;
    doubts.add(fmt::format("\"{}\" is {}, expected {}: no request gets it unless that says the same", key,
                           show(*value, kShort), expected),
               resource);
  };
  check("hostname", "a string", [](const Json& value) { return value.is_string(); });
  check("online", "true or false", [](const Json& value) { return value.is_boolean(); });
  const auto slots = resource.info.find("slots");
  if (slots != resource.info.end() && !(slots->is_number_integer() && *slots > 0))
    doubts.add(fmt::format("\"slots\" is {}, expected a whole number, 1 or more", show(*slots, kShort)),
               resource);
}

}  // namespace

std::vector<std::string> doubts(const Inventory& inventory) {
  Doubts doubts;
  for (const Resource& resource : inventory.resources()) {
    for (const char* key : {"hostname", "online"}) look_for_misspelling(resource, key, doubts);
    look_at_types(resource, doubts);
  }
  return doubts.lines();
}

}  // namespace lockable
