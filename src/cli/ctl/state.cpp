#include "cli/ctl/state.h"

#include <algorithm>
#include <set>

namespace lockable::cli {
namespace {

int stated_slots(const Json& resource) {
  const auto slots = resource.find("slots");
  if (slots == resource.end() || !slots->is_number_integer()) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(slots->get<std::int64_t>(), 0, kMostSlots));
}

std::vector<ResourceState> waited_for(const std::vector<Ticket>& queue) {
  std::set<std::string> ids;
  for (const Ticket& ticket : queue)
    for (const Want& want : ticket.wants) ids.insert(want.candidates.begin(), want.candidates.end());
  std::vector<ResourceState> resources;
  resources.reserve(ids.size());
  for (const std::string& id : ids) resources.push_back({id, true, 0, {}});
  return resources;
}

bool says(const Hold& hold, const char* key) { return hold.owner.value(key, Json()) == true; }

// Without what stands beside it.
Json to_json(const Hold& hold) {
  Json json{{"owner", hold.owner}};
  for (const char* key : {"alloc_id", "resource_id", "slots", "shared"}) json["owner"].erase(key);
  if (!hold.alloc_id.empty()) json["alloc_id"] = hold.alloc_id;
  if (hold.slots > 0) json["slots"] = hold.slots;
  return json;
}

Json to_json(const ResourceState& resource) {
  Json json{{"id", resource.id},
            {"state", state_name(resource)},
            {"online", resource.online},
            {"holders", Json::array()}};
  if (resource.slots > 0) json["slots"] = resource.slots;
  for (const Hold& hold : resource.holders) json["holders"].push_back(to_json(hold));
  return json;
}

Json to_json(const Ticket& ticket, std::size_t place) {
  Json waiting_for = Json::array();
  for (const Want& want : ticket.wants) waiting_for.push_back(want.candidates);
  return {{"place", place},
          {"waiting_for", std::move(waiting_for)},
          {"priority", ticket.priority},
          {"owner", ticket.owner}};
}

}  // namespace

State look(LockStore& store, const Inventory* inventory) {
  State state;
  state.queue = store.queue();
  if (inventory == nullptr) {
    state.resources = waited_for(state.queue);
  } else {
    for (const Resource& resource : inventory->resources())
      state.resources.push_back(
          {resource.id, resource.info.value("online", Json()) != false, stated_slots(resource.info), {}});
  }
  for (ResourceState& resource : state.resources) resource.holders = store.holders(resource.id);
  return state;
}

const char* state_name(const ResourceState& resource) {
  if (resource.holders.empty()) return "free";
  const auto whole = std::find_if(resource.holders.begin(), resource.holders.end(),
                                  [](const Hold& hold) { return hold.slots == 0; });
  if (whole == resource.holders.end()) return "shared";
  return says(*whole, "set_aside") ? "set_aside" : says(*whole, "reserved") ? "reserved" : "held";
}

Json to_json(const State& state) {
  Json resources = Json::array();
  for (const ResourceState& resource : state.resources) resources.push_back(to_json(resource));
  Json queue = Json::array();
  for (std::size_t i = 0; i < state.queue.size(); ++i) queue.push_back(to_json(state.queue[i], i + 1));
  return {{"resources", std::move(resources)}, {"queue", std::move(queue)}};
}

}  // namespace lockable::cli
