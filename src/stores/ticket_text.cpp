#include "stores/ticket_text.h"

#include <limits>

#include "json/read_json.h"

namespace lockable {
namespace {

constexpr std::size_t kMostWants = 64;  // what one request may ask for (kMaxResources)

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool is_int(const Json& value, int least, int most) {
  return value.is_number_integer() && value >= least && value <= most;
}

bool read_ints(const Json& array, int least, int most, std::vector<int>& into) {
  for (const Json& value : array) {
    if (!is_int(value, least, most)) return false;
    into.push_back(value.get<int>());
  }
  return true;
}

bool read_want(const Json& ticket, std::size_t index, Want& want) {
  const auto part = [&](const char* key) -> const Json& { return ticket.at(key).at(index); };
  if (!is_int(part("slots"), 0, kMostSlots)) return false;
  want.slots = part("slots").get<int>();
  want.candidates = part("wants").get<std::vector<std::string>>();
  want.same = part("same").get<std::vector<std::string>>();
  if (!read_ints(part("ranks"), 0, std::numeric_limits<int>::max(), want.ranks) ||
      !read_ints(part("capacities"), 0, kMostSlots, want.capacities))
    return false;
  const auto fits = [&want](std::size_t size) { return size == 0 || size == want.candidates.size(); };
  return fits(want.same.size()) && fits(want.ranks.size()) && fits(want.capacities.size()) &&
         (want.slots == 0) == want.capacities.empty();
}

}  // namespace

std::string wants_text(const Wants& wants) {
  Json all{{"wants", Json::array()},
           {"ranks", Json::array()},
           {"same", Json::array()},
           {"slots", Json::array()},
           {"capacities", Json::array()}};
  for (const Want& want : wants) {
    all["wants"].push_back(want.candidates);
    all["ranks"].push_back(want.ranks);
    all["same"].push_back(want.same);
    all["slots"].push_back(want.slots);
    all["capacities"].push_back(want.capacities);
  }
  return dump(all);
}

std::string rest_text(const Ticket& ticket) {
  return dump({{"priority", ticket.priority}, {"holding", ticket.holding}, {"owner", ticket.owner}});
}

bool read_wants(std::string_view line, std::vector<Want>& wants) try {
  const Json json = read_json(line);
  const Json& all = json.at("wants");
  if (!all.is_array() || all.empty() || all.size() > kMostWants) return false;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!read_want(json, i, wants.emplace_back())) return false;
  return true;
} catch (const Json::exception&) {
  return false;
} catch (const SyntaxError&) {
  return false;
}

bool read_rest(std::string_view line, Ticket& ticket) try {
  Json json = read_json(line);
  const Json& priority = json.at("priority");
  if (!is_int(priority, std::numeric_limits<int>::min(), std::numeric_limits<int>::max())) return false;
  ticket.priority = priority.get<int>();
  ticket.holding = json.at("holding").get<std::vector<std::string>>();
  ticket.owner = std::move(json.at("owner"));
  return ticket.owner.is_object();
} catch (const Json::exception&) {
  return false;
} catch (const SyntaxError&) {
  return false;
}

}  // namespace lockable
