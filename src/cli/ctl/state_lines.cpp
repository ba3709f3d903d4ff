// The state as lines for a person.
#include <fmt/format.h>

#include <algorithm>

#include "allocation/owner.h"
#include "cli/ctl/duration.h"
#include "cli/ctl/state.h"
#include "cli/ctl/table.h"
#include "json/one_line.h"
#include "platform/time_text.h"

namespace lockable::cli {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t kIdsTold = 4;
constexpr std::size_t kWidestId = 40;

std::string text_of(const Json& owner, const char* key) {
  const Json value = owner.is_object() ? owner.value(key, Json()) : Json();
  return value.is_string() ? value.get<std::string>() : "";
}

// Empty when the owner does not say since when.
std::string how_long(const Json& owner, WallTime now) {
  const auto since = platform::parse_iso8601(text_of(owner, "since"));
  return since ? duration_text(now - *since) : "";
}

std::string slots_text(int slots) { return fmt::format("{} slot{}", slots, slots == 1 ? "" : "s"); }

bool is_reserved(const Hold& hold) { return hold.owner.value("reserved", Json()) == true; }

// `held`, `2 of 4 slots`, `reserved`, `set aside`, `free`.
std::string state_text(const ResourceState& resource) {
  std::string name = state_name(resource);
  if (name == "set_aside") return "set aside";
  if (name != "shared") return name;
  int taken = 0;
  for (const Hold& hold : resource.holders) taken += hold.slots;
  return resource.slots > 0 ? fmt::format("{} of {} slots", taken, resource.slots) : slots_text(taken);
}

std::string who_waits(const Ticket& ticket) {
  Json owner = ticket.owner.is_object() ? ticket.owner : Json::object();
  owner.erase("since");
  const std::string who = who_is(owner);
  return who.empty() ? "somebody" : who;
}

std::string ids(const Want& want) {
  std::string text;
  const std::size_t told = std::min(want.candidates.size(), kIdsTold);
  for (std::size_t i = 0; i < told; ++i) text += (i == 0 ? "" : " or ") + want.candidates[i];
  if (told < want.candidates.size()) text += fmt::format(" or {} more", want.candidates.size() - told);
  return text.empty() ? "nothing in its inventory" : text;
}

// Of several that are alike: how many.
std::string waits_for(const Wants& wants) {
  std::string text;
  for (std::size_t i = 0; i < wants.size();) {
    const Want& want = wants[i];
    std::size_t alike = 1;
    while (i + alike < wants.size() && wants[i + alike] == want) ++alike;
    text += i == 0 ? "" : " and ";
    if (alike > 1) text += fmt::format("{} of ", alike);
    if (want.slots > 0) text += slots_text(want.slots) + " of ";
    text += ids(want);
    i += alike;
  }
  return text;
}

// What the columns say already is left out.
std::string who_for_table(const Hold& hold) {
  Json owner = hold.owner;
  owner.erase("since");
  std::string who = who_is(owner);
  for (const std::string said : {"reserved", "set aside", " by "})
    if (is_reserved(hold) && who.rfind(said, 0) == 0) who.erase(0, said.size());
  return hold.slots > 0 ? slots_text(hold.slots) + ": " + who : who;
}

void add_rows(const ResourceState& resource, WallTime now, std::vector<Row>& rows) {
  Row row{cut_to(one_line(resource.id), kWidestId),
          state_text(resource) + (resource.online ? "" : ", offline")};
  if (resource.holders.empty()) rows.push_back(row);
  for (const Hold& hold : resource.holders) {
    row.push_back(how_long(hold.owner, now));
    row.push_back(one_line(who_for_table(hold)));
    rows.push_back(row);
    row = {"", ""};
  }
}

std::vector<std::string> table(const State& state, WallTime now, std::size_t room) {
  std::vector<Row> rows{{"RESOURCE", "STATE", "FOR", "WHO"}};
  for (const ResourceState& resource : state.resources) add_rows(resource, now, rows);
  std::vector<std::string> lines = aligned(rows, room);
  if (state.queue.empty()) return lines;
  std::vector<Row> queue{{"PLACE", "WAITS", "FOR", "WHO"}};
  for (std::size_t i = 0; i < state.queue.size(); ++i)
    queue.push_back({std::to_string(i + 1), how_long(state.queue[i].owner, now),
                     one_line(waits_for(state.queue[i].wants)), one_line(who_waits(state.queue[i]))});
  lines.emplace_back();
  for (std::string& line : aligned(queue, room)) lines.push_back(std::move(line));
  return lines;
}

std::string sentence(const ResourceState& resource, WallTime now) {
  std::string text = resource.id + ":" + (resource.online ? "" : " offline,");
  const std::string state = state_name(resource);
  if (resource.holders.empty()) return text + " free";
  if (state == "shared" && resource.slots > 0) text += " " + state_text(resource) + " held;";
  for (std::size_t i = 0; i < resource.holders.size(); ++i)
    text += (i == 0 ? " " : "; ") + holder_sentence(resource.holders[i], now);
  return text;
}

std::string sentence(const Ticket& ticket, std::size_t place, WallTime now) {
  const std::string span = how_long(ticket.owner, now);
  std::string text =
      fmt::format("{}. {} {} for ", place, who_waits(ticket), span.empty() ? "waits" : "has waited " + span);
  text += waits_for(ticket.wants);
  return ticket.priority == 0 ? text : text + fmt::format(", priority {}", ticket.priority);
}

std::vector<std::string> sentences(const State& state, WallTime now) {
  std::vector<std::string> lines;
  for (const ResourceState& resource : state.resources) lines.push_back(one_line(sentence(resource, now)));
  for (std::size_t i = 0; i < state.queue.size(); ++i)
    lines.push_back(one_line(sentence(state.queue[i], i + 1, now)));
  return lines;
}

}  // namespace

std::vector<std::string> to_lines(const State& state, WallTime now, std::size_t room) {
  return room > 0 ? table(state, now, room) : sentences(state, now);
}

std::string holder_sentence(const Hold& hold, WallTime now) {
  std::string who = who_is(hold.owner);
  if (is_reserved(hold)) return who;
  std::string text = hold.slots > 0 ? slots_text(hold.slots) + " held" : "held";
  if (const std::string span = how_long(hold.owner, now); !span.empty()) text += " for " + span;
  return who.empty() ? text : text + " by " + who;
}

}  // namespace lockable::cli
