#include "allocation/waiting.h"

#include <fmt/format.h>

#include <chrono>

#include "allocation/owner.h"
#include "json/one_line.h"

namespace lockable {
namespace {

std::string describe_holder(const Hold& hold) {
  const Json& owner = hold.owner;
  if (owner.value("reserved", Json()) == true) return hold.resource_id + " " + who_is(owner);
  const std::string slots =
      hold.slots > 0 ? fmt::format(" ({} slot{})", hold.slots, hold.slots == 1 ? "" : "s") : "";
  const std::string who = who_is(owner);
  return hold.resource_id + slots + " held" + (who.empty() ? "" : " by " + who);
}

double seconds(std::chrono::nanoseconds time) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) / 1000;
}

}  // namespace

std::string why_not_held(const Waiting& waiting) {
  return waiting.ahead.is_object() ? "kept for a request ahead, of " + who_is(waiting.ahead)
                                   : "just given back, or looked at by others";
}

std::string describe(const Waiting& waiting) {
  std::string text =
      fmt::format("waiting for {} since {:.1f} s (at most {:g} s), place {} of {} in the queue",
                  waiting.requirements.dump(-1, ' ', false, Json::error_handler_t::replace),
                  seconds(waiting.waited), seconds(waiting.timeout), waiting.place, waiting.queue_length);
  for (std::size_t i = 0; i < waiting.holders.size(); ++i)
    text += (i == 0 ? ": " : "; ") + describe_holder(waiting.holders[i]);
  if (waiting.holders.empty()) text += ": " + why_not_held(waiting);
  return one_line(text);
}

}  // namespace lockable
