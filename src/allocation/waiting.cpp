#include <fmt/format.h>
#include <lockable/lockable.h>

#include <chrono>

namespace lockable {
namespace {

std::string text_of(const Json& owner, const char* key) {
  const Json value = owner.value(key, Json());
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : value.dump();
}

std::string describe_holder(const Hold& hold) {
  const Json& owner = hold.owner;
  if (owner.value("reserved", Json()) == true)
    return fmt::format("{} reserved{}", hold.resource_id,
                       owner.contains("note") ? ": " + text_of(owner, "note") : "");
  std::string text = hold.resource_id + " held";
  if (const auto user = text_of(owner, "user"); !user.empty()) text += " by " + user;
  if (const auto host = text_of(owner, "host"); !host.empty()) text += " on " + host;
  if (const auto pid = text_of(owner, "pid"); !pid.empty()) text += ", pid " + pid;
  if (const auto command = text_of(owner, "command"); !command.empty()) text += " (" + command + ")";
  if (const auto test = text_of(owner, "test"); !test.empty()) text += ", test " + test;
  if (const auto since = text_of(owner, "since"); !since.empty()) text += ", since " + since;
  if (const auto note = text_of(owner, "note"); !note.empty()) text += ": " + note;
  return text;
}

// Ids and notes hold whatever people wrote, for a terminal too.
std::string one_line(std::string text) {
  for (char& c : text)
    if ((c >= 0 && c < ' ') || c == '\x7f') c = ' ';
  return text;
}

double seconds(std::chrono::nanoseconds time) {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) / 1000;
}

}  // namespace

std::string describe(const Waiting& waiting) {
  std::string text =
      fmt::format("waiting for {} since {:.1f} s (at most {:g} s), place {} of {} in the queue",
                  waiting.requirements.dump(-1, ' ', false, Json::error_handler_t::replace),
                  seconds(waiting.waited), seconds(waiting.timeout), waiting.place, waiting.queue_length);
  for (std::size_t i = 0; i < waiting.holders.size(); ++i)
    text += (i == 0 ? ": " : "; ") + describe_holder(waiting.holders[i]);
  if (waiting.holders.empty()) text += ": kept for requests ahead in the queue, or just given back";
  return one_line(std::move(text));
}

}  // namespace lockable
