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
constexpr auto kSettled = std::chrono::milliseconds(100);  // far more than a tick of the clock of files
constexpr std::size_t kMostWants = 64;                     // what one request may ask for (kMaxResources)
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
  const Json first{{"wants", std::move(wants)}, {"same", std::move(same)}, {"slots", std::move(slots)}};
  const Json rest{{"priority", ticket.priority}, {"owner", ticket.owner}};
  const auto dump = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  return fmt::format("{}\n{}\n", dump(first), dump(rest));
}

bool is_int(const Json& value) {
  return value.is_number_integer() && value >= std::numeric_limits<int>::min() &&
         value <= std::numeric_limits<int>::max();
}

bool read_want(const Json& ticket, std::size_t index, Want& want) {
  const Json& slots = ticket.at("slots").at(index);
  if (!is_int(slots) || slots < 0) return false;
  want.slots = slots.get<int>();
  want.candidates = ticket.at("wants").at(index).get<std::vector<std::string>>();
  want.same = ticket.at("same").at(index).get<std::vector<std::string>>();
  return want.same.empty() || want.same.size() == want.candidates.size();
}

// Both are false for anything that to_text() does not write: others may plan wrongly from it, or never end.
bool read_wants(std::string_view text, std::vector<Want>& wants) try {
  const Json json = read_json(text);
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

bool read_rest(std::string_view text, Ticket& ticket) try {
  Json json = read_json(text);
  const Json& priority = json.at("priority");
  if (!is_int(priority)) return false;
  ticket.priority = priority.get<int>();
  ticket.owner = std::move(json.at("owner"));
  return ticket.owner.is_object();
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
  const std::vector<std::string> ids = ids_among(all);
  const std::lock_guard<std::mutex> guard(known_mutex_);
  for (auto known = known_.begin(); known != known_.end();)
    known = std::binary_search(ids.begin(), ids.end(), known->first) ? std::next(known) : known_.erase(known);
  for (const std::string& id : ids)
    if (const Ticket* ticket = read(id)) result.push_back(*ticket);
  std::stable_sort(result.begin(), result.end(),
                   [](const Ticket& a, const Ticket& b) { return a.priority > b.priority; });
  return result;
}

const Ticket* Queue::read(const std::string& id) const try {
  const auto in = folder();
  const Fd fd = in->open_if_there(id, Access::kRead);
  if (!fd) return nullptr;
  const std::string path = in->path_of(id);
  const platform::FileStatus file = platform::status_of(fd.get(), path);
  if (platform::try_lock_shared(fd.get(), path)) {  // its owner is gone, or has just replaced it
    const auto at_path = in->status(id);
    if (at_path && at_path->same_file(file)) remove(id);
    return nullptr;
  }
  const auto known = known_.find(id);
  if (known != known_.end() && known->second.settled && known->second.file.same_file(file) &&
      known->second.file.modified == file.modified)
    return known->second.valid ? &known->second.ticket : nullptr;
  Known fresh;
  fresh.file = file;
  fresh.settled = Clock::system()->wall() - file.modified > kSettled;
  fresh.ticket.id = id;
  return remember(std::move(fresh), platform::read_start(fd.get(), kTicketLimit, path));
} catch (const platform::SystemError&) {
  return nullptr;  // nothing that we could read is a ticket
}

const Ticket* Queue::remember(Known fresh, const std::string& text) const {
  const auto end = std::min(text.find('\n'), text.size());
  fresh.wants = text.substr(0, end);
  const auto alike = std::find_if(known_.begin(), known_.end(), [&fresh](const auto& other) {
    return other.second.valid && other.second.wants == fresh.wants;
  });
  if (alike != known_.end()) fresh.ticket.wants = alike->second.ticket.wants;
  fresh.valid = (alike != known_.end() || read_wants(fresh.wants, fresh.ticket.wants)) &&
                read_rest(std::string_view(text).substr(std::min(end + 1, text.size())), fresh.ticket);
  const Known& known = known_[fresh.ticket.id] = std::move(fresh);
  return known.valid ? &known.ticket : nullptr;
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
        platform::write_whole(fd.get(), text, platform::status_of_plain(fd.get(), path).size, path);
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
