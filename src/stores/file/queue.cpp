#include "stores/file/queue.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "platform/identity.h"
#include "stores/file/names.h"
#include "stores/ticket_text.h"

namespace lockable::file_store {

using platform::Access;
using platform::Fd;
using platform::OnExec;

namespace {

constexpr const char* kUnfinished = ".new-";  // not yet a ticket: written first, then renamed
constexpr const char* kLookout = "lookout";
constexpr std::size_t kLookoutSize = sizeof(std::int64_t);
constexpr std::size_t kTicketLimit = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kMostKnown = 4096;
constexpr int kTries = 10;  // our folders may go again while we make them

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// No two have the same bell, but for what an update replaced: that is never kept.
std::string spare_name(const std::string& ticket_id) {
  return "ticket-" + ticket_id.substr(ticket_id.find_last_of('-') + 1);
}

// Of one place the last one.
void drop_earlier(std::vector<Queue::Entry>& sorted) {
  const auto same = [](const Queue::Entry& a, const Queue::Entry& b) { return a.name.same_place(b.name); };
  sorted.erase(sorted.begin(), std::unique(sorted.rbegin(), sorted.rend(), same).base());
}

// Of a ticket that was never finished: one of another boot or of some time ago.
bool is_old(std::string_view id) {
  constexpr auto kLongEnough = std::chrono::seconds(10);
  TicketName name;
  // Other names that end here begin with the moment they were made (platform/group_folder.cpp).
  std::int64_t made = 0;
  if (!TicketName::parse(id, name)) std::from_chars(id.data(), id.data() + id.size(), made);
  const auto then = std::max(name.arrival, std::chrono::nanoseconds(made));
  const auto now = BootClock::now().time_since_epoch();
  return then > now || then < now - kLongEnough;
}

}  // namespace

Queue::Queue(const platform::Folder& lock_folder, const platform::Folder& own, const SpareFiles& spare)
    : lock_folder_(lock_folder), spare_(spare) {
  renew(own);
}

std::shared_ptr<const Queue::Rooms> Queue::rooms() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return rooms_;
}

void Queue::renew(const platform::Folder& own) const {
  auto rooms = std::make_shared<const Rooms>(Rooms{own.make_inside("queue"), own.make_inside("bells"),
                                                   own.open_file(kLookout, Access::kCreate, OnExec::kClose)});
  platform::status_of_plain(rooms->lookout.get(), own.path_of(kLookout));
  const std::lock_guard<std::mutex> guard(mutex_);
  rooms_ = std::move(rooms);
}

template <typename Action>
auto Queue::with_rooms(Action action) const {
  for (int tries = 1;; ++tries) try {
      if (tries > 1) renew(lock_folder_.make_inside(kOwnFolder));
      return action(*rooms());
    } catch (const platform::SystemError& error) {
      if (!error.no_such_file() || tries == kTries) throw;
    }
}

Queue::Entries Queue::entries() const {
  const auto now = BootClock::now();
  const auto names = with_rooms([](const Rooms& in) { return in.queue.names(); });
  std::vector<Entry> result;
  result.reserve(names.size());
  TicketName parts;
  for (const std::string& name : names)
    if (TicketName::parse(name, parts)) result.push_back({name, std::move(parts)});
  std::sort(result.begin(), result.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
  if (names.size() > result.size()) sweep(names);
  drop_earlier(result);
  const std::lock_guard<std::mutex> guard(mutex_);
  last_read_ = std::make_shared<const std::vector<Entry>>(std::move(result));
  read_at_ = now;
  return last_read_;
}

Queue::Entries Queue::entries_since(BootClock::time_point then) const {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (last_read_ != nullptr && read_at_ >= then) return last_read_;
  }
  return entries();
}

std::optional<Ticket> Queue::read(const Entry& entry) const try {
  const auto in = rooms();
  const Fd fd = in->queue.open_if_there(entry.id, Access::kRead);
  if (!fd) return std::nullopt;
  const std::string path = in->queue.path_of(entry.id);
  if (platform::try_lock_shared(fd.get(), path)) {  // its owner is gone
    remove(entry.id);
    return std::nullopt;
  }
  const std::string text = platform::read_start(fd.get(), kTicketLimit, path);
  if (!in->queue.status(entry.id)) return std::nullopt;  // it has left: its file may be another's by now
  const auto end = std::min(text.find('\n'), text.size());
  Ticket ticket;
  ticket.id = entry.id;
  ticket.rank = entry.name.rank;
  if (!read_rest(std::string_view(text).substr(std::min(end + 1, text.size())), ticket)) return std::nullopt;
  auto wants = known(entry.name.kind);
  if (!wants) {
    const std::string first = text.substr(0, end);
    std::vector<Want> fresh;
    if (kind_of(first) != entry.name.kind || !read_wants(first, fresh)) return std::nullopt;
    wants = Wants(std::move(fresh));
    remember(entry.name.kind, *wants);
  }
  ticket.wants = std::move(*wants);
  return ticket;
} catch (const platform::SystemError&) {
  return std::nullopt;  // nothing that we could read is a ticket
}

std::optional<Wants> Queue::known(const std::string& kind) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = known_.find(kind);
  return found == known_.end() ? std::nullopt : std::optional<Wants>(found->second);
}

void Queue::remember(const std::string& kind, const Wants& wants) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.emplace(kind, wants);
}

// What the dead left unfinished.
void Queue::sweep(const std::vector<std::string>& names) const try {
  const auto in = rooms();
  for (const std::string& name : names) {
    if (!starts_with(name, kUnfinished) || !is_old(name.substr(std::strlen(kUnfinished)))) continue;
    const Fd fd = in->queue.open_if_there(name, Access::kRead);
    // A slow or stopped writer's.
    if (fd && !platform::try_lock_shared(fd.get(), in->queue.path_of(name))) continue;
    in->queue.remove(name);
  }
} catch (const platform::SystemError&) {
  return;  // not ours to open: somebody else sweeps it
}

bool Queue::contains(const std::string& id) const { return rooms()->queue.status(id).has_value(); }

Bell Queue::take_bell() const {
  std::set<BellNumber> taken;
  if (const std::lock_guard<std::mutex> guard(mutex_); last_read_ != nullptr)
    for (const Entry& entry : *last_read_) taken.insert(entry.name.bell);
  return with_rooms([&](const Rooms& in) { return file_store::take_bell(in.bells, taken); });
}

bool Queue::rings(const Bell& bell) const { return is_in_place(rooms()->bells, bell); }

std::string Queue::id_for(const Ticket& ticket, std::chrono::nanoseconds arrival, BellNumber bell) const {
  TicketName name;
  name.rank = rank_of(arrival, ticket.priority);
  name.arrival = arrival;
  name.kind = kind_of(wants_text(ticket.wants));
  name.bell = bell;
  return name.make();
}

platform::PrivateFd Queue::write(const Ticket& ticket) const {
  const std::string text = wants_text(ticket.wants) + "\n" + rest_text(ticket) + "\n";
  return with_rooms([&](const Rooms& rooms) {
    const platform::Folder& in = rooms.queue;
    if (auto reused = reuse(ticket, text, in)) return reused;
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

platform::PrivateFd Queue::reuse(const Ticket& ticket, const std::string& text,
                                 const platform::Folder& in) const {
  auto spare = spare_.try_take(spare_name(ticket.id), OnExec::kClose);
  if (!spare) return {};
  const std::uint64_t size = spare->status.size;
  platform::write_whole(spare->fd.get(), filled_up(text, size), size, in.path_of(ticket.id));
  if (!spare_.put(spare_name(ticket.id), *spare, in, ticket.id)) return {};
  return platform::PrivateFd(std::move(spare->fd));
}

void Queue::put_away(const std::string& id, const platform::PrivateFd& file) const noexcept {
  spare_.keep(file.get(), rooms()->queue, id, spare_name(id));
}

void Queue::remove(const std::string& id) const noexcept { rooms()->queue.remove(id); }

void Queue::ring(const std::string& id) const noexcept {
  TicketName name;
  if (TicketName::parse(id, name)) file_store::ring(rooms()->bells, name.bell);
}

void Queue::note_lookout() const noexcept {
  const std::int64_t now = BootClock::now().time_since_epoch().count();
  std::string bytes(kLookoutSize, '\0');
  std::memcpy(bytes.data(), &now, kLookoutSize);
  platform::overwrite(rooms()->lookout.get(), bytes);
}

std::optional<BootClock::time_point> Queue::last_lookout() const noexcept {
  const std::string bytes = platform::read_part(rooms()->lookout.get(), kLookoutSize, 0);
  if (bytes.size() != kLookoutSize) return std::nullopt;
  std::int64_t then = 0;
  std::memcpy(&then, bytes.data(), kLookoutSize);
  return BootClock::time_point(std::chrono::nanoseconds(then));
}

}  // namespace lockable::file_store
