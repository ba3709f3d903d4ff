#include "stores/file/survey.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "stores/file/names.h"
#include "stores/file/resource_lock.h"

namespace lockable::file_store {
namespace {

// From this many on, reading the folder once is cheaper than asking for each name.
constexpr std::size_t kFewNames = 16;
// Of more than these, which one was unused longest matters to nobody.
constexpr std::size_t kManyFree = 64;

void add_candidates(const Wants& wants, std::set<std::string>& ids) {
  for (const Want& want : wants) ids.insert(want.candidates.begin(), want.candidates.end());
}

// py-lockable does not see that its time is over.
void clear_expired(const platform::Folder& folder, const std::string& id) try {
  end_reservation(folder, id, Which::kExpired);
} catch (const platform::SystemError&) {
  return;  // another user's: whoever may, will
}

// How many requests of that kind could be served at most: each takes one of what its first want could use.
std::size_t room_for(const Want& want, const std::vector<Held>& held) {
  std::size_t room = 0;
  for (std::size_t i = 0; i < want.candidates.size(); ++i) {
    const auto at = std::lower_bound(held.begin(), held.end(), Held{want.candidates[i], 0});
    const bool touched = at != held.end() && at->resource_id == want.candidates[i];
    const int taken = touched ? at->slots : 0;
    if (want.slots == 0)
      room += touched ? 0 : 1;
    else if (!touched || taken > 0)
      room += static_cast<std::size_t>(std::max(0, (want.capacities[i] - taken) / want.slots));
  }
  return room;
}

}  // namespace

Snapshot Survey::make(const Ticket& mine, std::size_t spare) {
  Snapshot snapshot;
  entries_ = queue_.entries();
  place(mine, snapshot);
  learn_kinds();
  const std::set<std::string> ids = all_candidates(mine);
  snapshot.held = held_among(ids);
  note_last_used(ids, snapshot);
  make_room(snapshot.held, spare);
  read_queue(mine, snapshot);
  return snapshot;
}

void Survey::place(const Ticket& mine, Snapshot& snapshot) {
  const auto behind = std::find_if(entries_->begin(), entries_->end(), [&mine](const Queue::Entry& entry) {
    return entry.id == mine.id || (mine.rank < entry.name.rank);
  });
  snapshot.place = static_cast<std::size_t>(behind - entries_->begin()) + 1;
  const bool queued = behind != entries_->end() && behind->id == mine.id;
  snapshot.length = entries_->size() + (queued || mine.wants.empty() ? 0 : 1);
}

void Survey::learn_kinds() {
  for (std::size_t i = 0; i < entries_->size(); ++i) {
    const std::string& name = (*entries_)[i].name.kind;
    if (kinds_.count(name) > 0) continue;
    auto wants = queue_.known(name);
    if (!wants)
      if (const auto ticket = read(i)) wants = ticket->wants;
    if (wants) kinds_[name].wants = std::move(*wants);  // else the next one of its kind may tell
  }
}

std::optional<Ticket> Survey::read(std::size_t index) {
  const auto known = read_.find(index);
  if (known != read_.end()) return known->second;
  return read_.emplace(index, queue_.read((*entries_)[index])).first->second;
}

std::set<std::string> Survey::all_candidates(const Ticket& mine) const {
  std::set<std::string> ids;
  add_candidates(mine.wants, ids);
  for (const auto& [name, kind] : kinds_)
    if (kind.wants != mine.wants) add_candidates(kind.wants, ids);
  return ids;
}

std::vector<Held> Survey::held_among(const std::set<std::string>& ids) const {
  std::unordered_set<std::string> there;
  const bool many = ids.size() > kFewNames;
  if (many)
    for (std::string& name : folder_.names()) there.insert(std::move(name));
  std::vector<Held> held;
  for (const std::string& id : ids) {
    if (many) {
      const std::string name = pid_file_name(id);
      if (!is_hashed(name) && there.count(name) == 0) continue;
    }
    const Look look = peek_at(folder_, id);
    if (look.expired) clear_expired(folder_, id);
    if (look.held || !look.slots.empty()) held.push_back({id, static_cast<int>(look.slots.size())});
  }
  return held;
}

void Survey::note_last_used(const std::set<std::string>& ids, Snapshot& snapshot) const {
  const std::size_t free = ids.size() - snapshot.held.size();
  if (free < 2 || free > kManyFree) return;
  for (const std::string& id : ids)
    if (!std::binary_search(snapshot.held.begin(), snapshot.held.end(), Held{id, 0}))
      snapshot.last_used[id] = tokens_.last(id);
}

void Survey::make_room(const std::vector<Held>& held, std::size_t spare) {
  for (auto& [name, kind] : kinds_) kind.room = room_for(kind.wants.front(), held) + 1 + spare;
}

void Survey::read_queue(const Ticket& mine, Snapshot& snapshot) {
  bool mine_added = mine.wants.empty();
  for (std::size_t i = 0; i < entries_->size(); ++i) {
    const Queue::Entry& entry = (*entries_)[i];
    if (!mine_added && i + 1 == snapshot.place) {
      snapshot.queue.push_back(mine);
      mine_added = true;
    }
    const auto kind = kinds_.find(entry.name.kind);
    if (entry.id == mine.id || kind == kinds_.end()) continue;
    if (kind->second.read >= kind->second.room) {
      ++kind->second.left_out;
      continue;
    }
    if (auto ticket = read(i)) {
      ++kind->second.read;
      snapshot.queue.push_back(std::move(*ticket));
    }
  }
  if (!mine_added) snapshot.queue.push_back(mine);
  for (const auto& [name, kind] : kinds_)
    if (kind.left_out > 0) snapshot.demand.push_back({kind.wants, kind.left_out});
}

}  // namespace lockable::file_store
