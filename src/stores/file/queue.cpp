#include "stores/file/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <limits>

#include "json/read_json.h"
#include "platform/identity.h"
#include "stores/file/names.h"

namespace lockable::file_store {

using platform::Access;
using platform::Fd;
using platform::OnExec;

namespace {

constexpr const char* kBell = ".bell";
constexpr const char* kUnfinished = ".new-";  // not yet a ticket: written first, then renamed
constexpr std::size_t kTimeDigits = 20;
constexpr std::size_t kMostWants = 64;  // what one request may ask for (kMaxResources)
constexpr std::size_t kTicketLimit = std::size_t{64} * 1024 * 1024;

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

bool is_int(const Json& value) {
  return value.is_number_integer() && value >= std::numeric_limits<int>::min() &&
         value <= std::numeric_limits<int>::max();
}

bool read_want(const Json& ticket, std::size_t index, Want& want) {
  want.candidates = ticket.at("wants").at(index).get<std::vector<std::string>>();
  if (ticket.contains("same")) want.same = ticket.at("same").at(index).get<std::vector<std::string>>();
  if (ticket.contains("slots")) {
    const Json& slots = ticket.at("slots").at(index);
    if (!is_int(slots) || slots < 0) return false;
    want.slots = slots.get<int>();
  }
  return want.same.empty() || want.same.size() == want.candidates.size();
}

// False for anything that to_text() does not write: others may plan wrongly from it, or never end.
bool from_text(const std::string& text, Ticket& ticket) try {
  const Json json = read_json(text);
  const Json& priority = json.at("priority");
  const Json& wants = json.at("wants");
  ticket.owner = json.at("owner");
  if (!is_int(priority)) return false;
  if (!wants.is_array() || wants.empty() || wants.size() > kMostWants || !ticket.owner.is_object())
    return false;
  ticket.priority = priority.get<int>();
  for (std::size_t i = 0; i < wants.size(); ++i)
    if (!read_want(json, i, ticket.wants.emplace_back())) return false;
  return true;
} catch (const Json::exception&) {
  return false;
} catch (const SyntaxError&) {
  return false;
}

// As next_id() makes them.
bool is_id(std::string_view name) {
  return name.size() > kTimeDigits && name[kTimeDigits] == '-' &&
         name.find_first_not_of("0123456789-") == name.npos && name.find('-') == kTimeDigits;
}

std::vector<std::string> ids_among(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const std::string& name : names) {
    if (is_id(name)) result.push_back(name);
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

Queue::Queue(const platform::Folder& lock_folder) : lock_folder_(lock_folder) { renew(); }

std::shared_ptr<const platform::Folder> Queue::folder() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return folder_;
}

void Queue::renew() const {
  auto folder =
      std::make_shared<const platform::Folder>(lock_folder_.make_inside(kOwnFolder).make_inside("queue"));
  const std::lock_guard<std::mutex> guard(mutex_);
  folder_ = std::move(folder);
}

template <typename Action>
auto Queue::with_folder(Action action) const {
  try {
    return action(*folder());
  } catch (const platform::SystemError& error) {
    if (!error.no_such_file()) throw;
  }
  renew();
  return action(*folder());
}

std::vector<std::string> Queue::names() const {
  return with_folder([](const platform::Folder& folder) { return folder.names(); });
}

std::vector<std::string> Queue::ids() const { return ids_among(names()); }

std::vector<Ticket> Queue::tickets() const {
  const std::vector<std::string> all = names();
  std::vector<Ticket> result;
  if (all.empty()) return result;
  sweep(all);
  for (const std::string& id : ids_among(all)) {
    Ticket ticket;
    ticket.id = id;
    if (read(id, ticket)) result.push_back(std::move(ticket));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Ticket& a, const Ticket& b) { return a.priority > b.priority; });
  return result;
}

bool Queue::read(const std::string& id, Ticket& ticket) const try {
  const auto in = folder();
  const Fd fd = in->open_if_there(id, Access::kRead);
  if (!fd) return false;
  const std::string path = in->path_of(id);
  if (platform::try_lock_shared(fd.get(), path)) {  // its owner is gone, or has just replaced it
    const auto at_path = in->status(id);
    if (at_path && at_path->same_file(platform::status_of(fd.get(), path))) remove(id);
    return false;
  }
  return from_text(platform::read_start(fd.get(), kTicketLimit, path), ticket);
} catch (const platform::SystemError&) {
  return false;  // nothing that we could read is a ticket
}

void Queue::sweep(const std::vector<std::string>& names) const {
  const auto in = folder();
  for (const std::string& name : names) {
    const bool unfinished = name.rfind(kUnfinished, 0) == 0;
    const bool bell = ends_with(name, kBell);
    if (!unfinished && !bell) continue;
    const std::string_view text = name;
    const std::string_view id = unfinished ? text.substr(std::string_view(kUnfinished).size())
                                           : text.substr(0, text.size() - std::string_view(kBell).size());
    if (!is_old(id) || std::find(names.begin(), names.end(), id) != names.end()) continue;
    const Fd fd = bell ? Fd() : in->open_if_there(name, Access::kRead);
    if (fd && !platform::try_lock_shared(fd.get(), in->path_of(name))) continue;  // a slow or stopped writer
    in->remove(name);
  }
}

std::string Queue::next_id() const {
  static std::atomic<unsigned> serial{0};
  return fmt::format("{:0{}}-{}-{}", BootClock::now().time_since_epoch().count(), kTimeDigits,
                     platform::own_pid(), ++serial);
}

platform::PrivateFd Queue::write(const Ticket& ticket) const {
  const std::string text = to_text(ticket);
  return with_folder([&](const platform::Folder& in) {
    const std::string unfinished = kUnfinished + ticket.id;
    const std::string path = in.path_of(unfinished);
    for (;;) {
      Fd fd = in.open_file(unfinished, Access::kCreate, OnExec::kClose);
      if (!platform::try_lock_exclusive(fd.get(), path)) continue;  // somebody looks whether we are alive
      try {
        platform::write_whole(fd.get(), text, platform::status_of(fd.get(), path).size, path);
      } catch (const platform::SystemError&) {
        in.remove(unfinished);
        throw;
      }
      if (in.rename(unfinished, ticket.id)) return platform::PrivateFd(std::move(fd));
    }
  });
}

platform::PrivateFd Queue::make_bell(const std::string& id) const {
  return with_folder(
      [&](const platform::Folder& in) { return platform::PrivateFd(in.make_fifo(id + kBell)); });
}

void Queue::remove(const std::string& id) const noexcept {
  const auto in = folder();
  in->remove(id);
  in->remove(id + kBell);
}

void Queue::ring(const std::string& id) const noexcept { folder()->ring(id + kBell); }

}  // namespace lockable::file_store
