#include "stores/etcd/watch.h"

#include <algorithm>

#include "json/one_line.h"

namespace lockable::etcd {
namespace {

Json creation(const Keys& keys, std::int64_t revision) {
  Json json{{"key", to_base64(keys.first)}, {"start_revision", std::to_string(revision + 1)}};
  if (!keys.end.empty()) json["range_end"] = to_base64(keys.end);
  return {{"create_request", json}};
}

// Two requests in one stream.
std::string body(const Names& names, const std::string& ticket_id, bool lookout, std::int64_t revision) {
  const Json own = creation(one(names.ticket(ticket_id)), revision);
  if (!lookout) return own.dump();
  Json ends = creation(names.all_that_ends(), revision);
  ends["create_request"]["filters"] = {"NOPUT"};
  return own.dump() + "\n" + ends.dump();
}

[[noreturn]] void fail(const std::string& line) {
  throw net::HttpError("the watch was ended: " + one_line(line.substr(0, 400)), net::Trouble::kPassing);
}

bool tells_of_change(const std::string& line, std::int64_t revision) {
  const Json said = Json::parse(line, nullptr, false);
  if (!said.is_object()) fail(line);
  const auto result = said.find("result");
  if (result == said.end() || !result->is_object()) fail(line);
  if (integer(*result, "compact_revision") > 0) return true;
  if (result->value("canceled", false)) fail(line);
  const auto events = result->find("events");
  return events != result->end() &&
         std::any_of(events->begin(), events->end(), [revision](const Json& event) {
           return integer(event.at("kv"), "mod_revision") > revision;
         });
}

}  // namespace

Watch::Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, bool lookout,
             std::int64_t revision)
    : member_(gateway.member()),
      lookout_(lookout),
      stream_(gateway.request("watch", body(names, ticket_id, lookout, revision))) {}

bool Watch::wait(std::int64_t revision, BootClock::time_point until, const std::vector<int>& fds) {
  while (const auto line = stream_.next(until, fds))
    if (tells_of_change(*line, revision)) return true;
  return false;
}

}  // namespace lockable::etcd
