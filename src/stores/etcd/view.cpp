#include "stores/etcd/view.h"

#include <algorithm>

#include "json/read_json.h"
#include "stores/etcd/lookouts.h"
#include "stores/ticket_text.h"

namespace lockable::etcd {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMostKnown = 4096;
constexpr std::size_t kMostEntries = 512;  // some kilobytes each, in each process that waits

/// In the order in which they came.
std::vector<const KeyValue*> by_revision(const std::vector<KeyValue>& queue) {
  std::vector<const KeyValue*> result;
  result.reserve(queue.size());
  for (const KeyValue& kv : queue) result.push_back(&kv);
  std::sort(result.begin(), result.end(),
            [](const KeyValue* a, const KeyValue* b) { return a->created < b->created; });
  return result;
}

Json object_in(const std::string& text) try {
  Json json = read_json(text);
  return json.is_object() ? json : Json::object();
} catch (const SyntaxError&) {
  return Json::object();
}

std::vector<Held> held_in(const Seen& seen, const Names& names) {
  std::map<std::string, Held> held;
  for (const KeyValue& kv : seen.held) {
    const auto hold = hold_of(kv, names);
    if (!hold) continue;
    const auto [known, fresh] = held.try_emplace(hold->resource_id, Held{hold->resource_id, hold->slots});
    if (!fresh)
      known->second.slots =
          hold->slots == 0 || known->second.slots == 0 ? 0 : known->second.slots + hold->slots;
  }
  std::vector<Held> result;
  result.reserve(held.size());
  for (auto& [id, one] : held) result.push_back(std::move(one));
  return result;
}

// Those who want the same share it.
std::optional<Wants> wants_in(const std::string& line, std::map<std::string, Wants>& known) {
  if (const auto same = known.find(line); same != known.end()) return same->second;
  std::vector<Want> fresh;
  if (!read_wants(line, fresh)) return std::nullopt;
  if (known.size() >= kMostKnown) known.clear();
  return known.emplace(line, Wants(std::move(fresh))).first->second;
}

// `mine` goes where it belongs.
void place(const Ticket& mine, nanoseconds rank, Snapshot& snapshot) {
  const auto there =
      std::find_if(snapshot.queue.begin(), snapshot.queue.end(),
                   [&mine](const Ticket& ticket) { return !mine.id.empty() && ticket.id == mine.id; });
  auto at = there;
  if (there == snapshot.queue.end()) {
    at = std::find_if(snapshot.queue.begin(), snapshot.queue.end(),
                      [rank](const Ticket& ticket) { return rank < ticket.rank; });
    snapshot.place = static_cast<std::size_t>(at - snapshot.queue.begin()) + 1;
    if (!mine.wants.empty()) snapshot.queue.insert(at, mine)->rank = rank;
  } else {
    snapshot.place = static_cast<std::size_t>(at - snapshot.queue.begin()) + 1;
  }
  snapshot.length = snapshot.queue.size();
}

}  // namespace

Seen seen_in(std::vector<KeyValue> found, std::int64_t revision, const Names& names) {
  Seen seen;
  seen.revision = revision;
  for (KeyValue& kv : found) {
    if (names.is_ticket(kv.key))
      seen.queue.push_back(std::move(kv));
    else if (names.is_held(kv.key))
      seen.held.push_back(std::move(kv));
  }
  return seen;
}

void follow(Seen& seen, KeyValue kv, bool removed, const Names& names) {
  seen.revision = kv.modified;
  if (!names.is_ticket(kv.key) && !names.is_held(kv.key)) return;
  std::vector<KeyValue>& entries = names.is_ticket(kv.key) ? seen.queue : seen.held;
  const auto at = std::lower_bound(entries.begin(), entries.end(), kv.key,
                                   [](const KeyValue& one, const std::string& key) { return one.key < key; });
  const bool there = at != entries.end() && at->key == kv.key;
  if (removed && there) entries.erase(at);
  if (removed) return;
  if (there)
    *at = std::move(kv);
  else
    entries.insert(at, std::move(kv));
}

std::string entry_text(const Entry& entry) {
  Json order{{"arrival", entry.arrival.count()}};
  if (entry.keeps_rank) order["rank"] = entry.ticket.rank.count();
  return order.dump() + "\n" + wants_text(entry.ticket.wants) + "\n" + rest_text(entry.ticket);
}

std::optional<Entry> TicketReader::read(const std::string& text) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (const auto known = entries_.find(text); known != entries_.end()) return known->second;
  auto entry = parse(text, wants_);
  if (entries_.size() >= kMostEntries) entries_.clear();
  if (entry) entries_.emplace(text, *entry);
  return entry;
}

std::optional<Entry> TicketReader::parse(const std::string& text, std::map<std::string, Wants>& known) {
  const auto first = text.find('\n');
  const auto second = first == text.npos ? text.npos : text.find('\n', first + 1);
  if (second == text.npos) return std::nullopt;
  const Json order = object_in(text.substr(0, first));
  Entry entry;
  if (!order.value("arrival", Json()).is_number_integer()) return std::nullopt;
  entry.arrival = nanoseconds(order.at("arrival").get<std::int64_t>());
  if (const Json rank = order.value("rank", Json()); rank.is_number_integer()) {
    entry.keeps_rank = true;
    entry.ticket.rank = nanoseconds(rank.get<std::int64_t>());
  }
  auto wanted = wants_in(text.substr(first + 1, second - first - 1), known);
  if (!wanted || !read_rest(std::string_view(text).substr(second + 1), entry.ticket)) return std::nullopt;
  entry.ticket.wants = std::move(*wanted);
  return entry;
}

TicketReader::Line TicketReader::read(const std::vector<KeyValue>& queue, const Names& names) {
  Line line;
  for (const KeyValue* kv : by_revision(queue)) {
    auto entry = read(kv->value);
    if (!entry) continue;
    Ticket& ticket = entry->ticket;
    ticket.id = names.ticket_of(kv->key);
    if (!entry->keeps_rank) {
      line.latest = std::max(entry->arrival, line.latest + nanoseconds(1));
      ticket.rank = rank_of(line.latest, ticket.priority);
    }
    line.tickets.push_back(std::move(ticket));
  }
  std::stable_sort(line.tickets.begin(), line.tickets.end(),
                   [](const Ticket& a, const Ticket& b) { return a.rank < b.rank; });
  return line;
}

Snapshot view(const Seen& seen, const Ticket& mine, nanoseconds now, const Names& names,
              TicketReader& reader) {
  Snapshot snapshot;
  snapshot.revision = static_cast<std::uint64_t>(seen.revision);
  TicketReader::Line line = reader.read(seen.queue, names);
  snapshot.queue = std::move(line.tickets);
  snapshot.held = held_in(seen, names);
  const nanoseconds next = rank_of(std::max(now, line.latest + nanoseconds(1)), mine.priority);
  place(mine, mine.rank.count() != 0 ? mine.rank : next, snapshot);
  snapshot.partial = !seen.whole;
  return snapshot;
}

std::optional<Hold> hold_of(const KeyValue& kv, const Names& names) {
  const auto id = names.resource_of(kv.key);
  if (!id || kv.key == names.in_use(*id)) return std::nullopt;
  Hold hold;
  hold.resource_id = *id;
  hold.owner = object_in(kv.value);
  if (const Json alloc_id = hold.owner.value("alloc_id", Json()); alloc_id.is_string())
    hold.alloc_id = alloc_id.get<std::string>();
  if (const Json slots = hold.owner.value("slots", Json()); slots.is_number_integer())
    hold.slots = std::clamp(slots.get<int>(), 0, kMostSlots);
  return hold;
}

}  // namespace lockable::etcd
