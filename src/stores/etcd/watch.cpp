#include "stores/etcd/watch.h"

#include "json/one_line.h"

namespace lockable::etcd {
namespace {

[[noreturn]] void fail(const std::string& line) {
  throw net::HttpError("the watch was ended: " + one_line(line.substr(0, 400)), net::Trouble::kPassing);
}

}  // namespace

Watch::Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, std::int64_t revision)
    : names_(names),
      own_key_(names.ticket(ticket_id)),
      member_(gateway.member()),
      lookout_(false),
      stream_(gateway.request("watch", watching(one(own_key_), revision))) {}

Watch::Watch(Gateway& gateway, const Names& names, const std::string& ticket_id, Seen seen)
    : names_(names),
      own_key_(names.ticket(ticket_id)),
      member_(gateway.member()),
      lookout_(true),
      seen_(std::move(seen)),
      stream_(gateway.request("watch", watching(names.all_that_ends(), seen_.revision))) {}

bool Watch::wait(std::int64_t revision, BootClock::time_point until, const std::vector<int>& fds) {
  while (const auto line = stream_.next(until, fds))
    if (take_in(*line, revision)) return true;
  return false;
}

// All changes of one revision come in one message.
bool Watch::take_in(const std::string& line, std::int64_t revision) try {
  const Json said = Json::parse(line, nullptr, false);
  if (!said.is_object()) fail(line);
  const auto result = said.find("result");
  if (result == said.end() || !result->is_object()) fail(line);
  over_ = over_ || integer(*result, "compact_revision") > 0;
  if (over_) return true;
  if (result->value("canceled", false)) fail(line);
  const auto events = result->find("events");
  if (events == result->end()) return false;
  bool news = false;
  for (const Json& event : *events) {
    KeyValue kv = read_key_value(event.at("kv"));
    const bool removed = event.value("type", "") == "DELETE";
    const bool matters = removed ? names_.is_ticket(kv.key) || names_.is_held(kv.key) : kv.key == own_key_;
    news = news || (matters && kv.modified > revision);
    if (lookout_) follow(seen_, std::move(kv), removed, names_);
  }
  return news;
} catch (const Json::exception&) {
  fail(line);
}

}  // namespace lockable::etcd
