#include "stores/file/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>

#include "platform/identity.h"

namespace lockable::file_store {

using platform::Access;
using platform::Fd;
using platform::OnExec;

namespace {

constexpr const char* kBell = ".bell";
constexpr const char* kUnfinished = ".new-";  // not yet a ticket: written first, then renamed
constexpr std::size_t kTicketLimit = 64 * 1024 * 1024;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string to_text(const Ticket& ticket) {
  Json wants = Json::array();
  Json same = Json::array();
  Json slots = Json::array();
  for (const Want& want : ticket.wants) {
    wants.push_back(want.candidates);
    same.push_back(want.same);
    slots.push_back(want.slots);
  }
  const Json json{{"priority", ticket.priority},
                  {"wants", std::move(wants)},
                  {"same", std::move(same)},
                  {"slots", std::move(slots)},
                  {"owner", ticket.owner}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool from_text(const std::string& text, Ticket& ticket) try {
  const Json json = Json::parse(text);
  ticket.priority = json.at("priority").get<int>();
  ticket.owner = json.at("owner");
  for (const Json& candidates : json.at("wants")) {
    Want want;
    want.candidates = candidates.get<std::vector<std::string>>();
    if (json.contains("same"))
      want.same = json.at("same").at(ticket.wants.size()).get<std::vector<std::string>>();
    if (json.contains("slots")) want.slots = json.at("slots").at(ticket.wants.size()).get<int>();
    if (!want.same.empty() && want.same.size() != want.candidates.size()) return false;
    ticket.wants.push_back(std::move(want));
  }
  return !ticket.wants.empty();
} catch (const Json::exception&) {
  return false;
}

std::vector<std::string> ids_among(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) {
    if (name.front() != '.' && !ends_with(name, kBell)) result.push_back(name);
  }
  std::sort(result.begin(), result.end());
  return result;
}

// Of a ticket that was never finished, or not removed whole: an id of another boot or of some time ago.
bool is_old(std::string_view id) {
  std::int64_t made = 0;
  std::from_chars(id.data(), id.data() + id.size(), made);
  const std::int64_t now = BootClock::now().time_since_epoch().count();
  constexpr std::int64_t kLongEnough = 10'000'000'000;
  return made > now || made < now - kLongEnough;
}

}  // namespace

std::vector<std::string> Queue::ids() const { return ids_among(folder_.names()); }

std::vector<Ticket> Queue::tickets() const {
  const std::vector<std::string> names = folder_.names();
  std::vector<Ticket> result;
  if (names.empty()) return result;
  sweep(names);
  for (const std::string& id : ids_among(names)) {
    Ticket ticket;
    ticket.id = id;
    if (read(id, ticket)) result.push_back(std::move(ticket));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Ticket& a, const Ticket& b) { return a.priority > b.priority; });
  return result;
}

bool Queue::read(const std::string& id, Ticket& ticket) const try {
  const Fd fd = folder_.open_if_there(id, Access::kRead);
  if (!fd) return false;
  const std::string path = folder_.path_of(id);
  if (platform::try_lock_shared(fd.get(), path)) {  // its owner is gone, or has just replaced it
    const auto at_path = folder_.status(id);
    if (at_path && at_path->same_file(platform::status_of(fd.get(), path))) remove(id);
    return false;
  }
  return from_text(platform::read_start(fd.get(), kTicketLimit, path), ticket);
} catch (const platform::SystemError&) {
  return false;  // nothing that we could read is a ticket
}

void Queue::sweep(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    const bool unfinished = name.rfind(kUnfinished, 0) == 0;
    const bool bell = ends_with(name, kBell);
    if (!unfinished && !bell) continue;
    const std::string_view text = name;
    const std::string_view id = unfinished ? text.substr(std::string_view(kUnfinished).size())
                                           : text.substr(0, text.size() - std::string_view(kBell).size());
    if (!is_old(id) || std::find(names.begin(), names.end(), id) != names.end()) continue;
    const Fd fd = bell ? Fd() : folder_.open_if_there(name, Access::kRead);
    if (fd && !platform::try_lock_shared(fd.get(), folder_.path_of(name)))
      continue;  // a slow or stopped writer
    folder_.remove(name);
  }
}

std::string Queue::next_id() const {
  static std::atomic<unsigned> serial{0};
  return fmt::format("{:020}-{}-{}", BootClock::now().time_since_epoch().count(), platform::own_pid(),
                     ++serial);
}

platform::PrivateFd Queue::write(const Ticket& ticket) const {
  const std::string unfinished = kUnfinished + ticket.id;
  for (;;) {
    Fd fd = folder_.open_file(unfinished, Access::kCreate, OnExec::kClose);
    const std::string path = folder_.path_of(unfinished);
    if (!platform::try_lock_exclusive(fd.get(), path)) continue;  // somebody looks whether we are alive
    platform::write_whole(fd.get(), to_text(ticket), 0, path);
    if (folder_.rename(unfinished, ticket.id)) return platform::PrivateFd(std::move(fd));
  }
}

platform::PrivateFd Queue::make_bell(const std::string& id) const {
  return platform::PrivateFd(folder_.make_fifo(id + kBell));
}

void Queue::remove(const std::string& id) const noexcept {
  folder_.remove(id);
  folder_.remove(id + kBell);
}

void Queue::ring(const std::string& id) const noexcept { folder_.ring(id + kBell); }

}  // namespace lockable::file_store
