/// \file
/// What `lockablectl status` shows: which resource is in which state, and who waits.
#pragma once

#include <lockable/lockable.h>

#include <cstddef>
#include <string>
#include <vector>

namespace lockable::cli {

struct ResourceState {
  std::string id;
  bool online = true;         ///< false: the inventory says `"online": false`
  int slots = 0;              ///< as the inventory states them; 0: it states none
  std::vector<Hold> holders;  ///< of the whole resource, or of slots
};

struct State {
  std::vector<ResourceState> resources;  ///< in the order of the inventory
  std::vector<Ticket> queue;             ///< the head first
};

/// Asks the store about the resources of an inventory; without one (nullptr) about those that somebody waits
/// for. Does not wait. Throws StoreError.
State look(LockStore& store, const Inventory* inventory);

/// `free`, `held`, `shared` (slots of it), `reserved` or `set_aside`.
const char* state_name(const ResourceState& resource);

/// `held for 3 min by ann on lab-1, pid 12 (make), since …`, with slots those first; of a reservation whose
/// it is.
std::string holder_sentence(const Hold& hold, WallTime now);

/// `{"resources": [{"id", "state", "online", "slots", "holders": [{"alloc_id", "slots", "owner"}]}],
/// "queue": [{"place", "waiting_for": [[id, …], …], "priority", "owner"}]}`. `slots` is there where the
/// inventory states it, or the holder has some of them; `alloc_id` where the holder has one. `owner` is
/// Hold::owner.
Json to_json(const State& state);

/// Lines for a person: a table that fits `room` columns, or, with 0, whole sentences, one for each resource
/// and each who waits. Nothing in them that a terminal would obey. `now` tells how long ago things were.
std::vector<std::string> to_lines(const State& state, WallTime now, std::size_t room);

}  // namespace lockable::cli
