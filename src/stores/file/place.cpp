#include "stores/file/place.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "platform/identity.h"
#include "stores/file/folder_error.h"

namespace lockable::file_store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLookouts = 2;  // two, so that one may be stopped or killed
constexpr auto kAnyway = 1s;
constexpr auto kNobodyLooks = 1500ms;  // no lookout has left word for so long: they are dead or stopped
constexpr std::size_t kStep = 32;      // so many places further behind, one asks a second less often whether
constexpr auto kMostSeldom = 4s;       // somebody looks
constexpr std::size_t kNear = 8;       // so far in front one may be a lookout soon
constexpr auto kWithoutEvents = 50ms;

// inotify tells of the last close of a dying process just before its flock goes: look a few times more, ever
// later.
constexpr std::array<std::chrono::microseconds, 7> kEchoes{100us,  200us,   500us,  1000us,
                                                           4000us, 16000us, 64000us};

bool is_pid_file(const std::string& name) {
  return name.size() > 4 && name.compare(name.size() - 4, 4, ".pid") == 0;
}

}  // namespace

platform::FolderWatch SpareWatch::take() {
  const std::lock_guard<std::mutex> guard(mutex_);
  platform::FolderWatch watch = std::move(spare_);
  return watch && owner_pid_ == platform::own_pid() ? std::move(watch) : platform::FolderWatch::try_open();
}

void SpareWatch::give_back(platform::FolderWatch watch) noexcept {
  if (!watch) return;
  watch.clear();
  const std::lock_guard<std::mutex> guard(mutex_);
  spare_ = std::move(watch);
  owner_pid_ = platform::own_pid();
}

WaitingPlace::WaitingPlace(const Queue& queue, SpareWatch& spare, Ticket ticket,
                           std::vector<std::string> watched)
    : queue_(queue),
      spare_(spare),
      ticket_(std::move(ticket)),
      watched_(std::move(watched)),
      owner_pid_(platform::own_pid()),
      arrival_(BootClock::now().time_since_epoch()) {
  if (ticket_.rank.count() != 0) arrival_ = ticket_.rank - rank_of({}, ticket_.priority);
  ticket_.rank = rank_of(arrival_, ticket_.priority);
  join();
}

void WaitingPlace::join() try {
  bell_ = queue_.take_bell();
  ticket_.id = queue_.id_for(ticket_, arrival_, bell_.number);
  file_ = queue_.write(ticket_);
  woken_ = BootClock::now();
  place_known_ = false;
} catch (const platform::SystemError&) {
  queue_.remove(ticket_.id);
  throw;
}

WaitingPlace::~WaitingPlace() {
  if (owner_pid_ != platform::own_pid()) return;
  drop_earlier();
  queue_.put_away(ticket_.id, file_);
  if (!lookout_) return;
  spare_.give_back(std::move(watch_));
  try {
    const auto rest = queue_.entries();
    for (std::size_t i = 0; i < std::min(rest->size(), kLookouts); ++i) queue_.ring((*rest)[i].id);
  } catch (const std::exception&) {
    return;  // the others find out within a second
  }
}

// The place is never empty, nor for those who have read the queue's names already: the old ticket goes with
// the next update only.
void WaitingPlace::update(Wants wants) {
  in_folder(watched_.front(), [&] {
    Ticket fresh = ticket_;
    fresh.wants = std::move(wants);
    fresh.id = queue_.id_for(fresh, arrival_, bell_.number);
    platform::PrivateFd file = queue_.write(fresh);
    drop_earlier();
    earlier_ = {ticket_.id, std::exchange(file_, std::move(file))};
    ticket_ = std::move(fresh);
    place_known_ = false;
  });
}

void WaitingPlace::drop_earlier() noexcept {
  if (!earlier_.file) return;
  queue_.remove(earlier_.id);
  earlier_ = {};
}

bool WaitingPlace::wait(BootClock::time_point until, int interrupt_fd) {
  return in_folder(watched_.front(), [&] { return look_and_wait(until, interrupt_fd); });
}

bool WaitingPlace::look_and_wait(BootClock::time_point until, int interrupt_fd) {
  // Somebody took us for dead, or removed the whole queue, or the bells.
  if (!queue_.contains(ticket_.id) || !queue_.rings(bell_)) {
    drop_earlier();
    queue_.remove(ticket_.id);
    join();
    return true;
  }
  if (!place_known_) find_place();
  if (!lookout_ && place_ < kLookouts) {
    lookout_ = true;
    if (start_watching()) return true;  // what happened before we watched was not seen: look first
  }
  if (lookout_) queue_.note_lookout();
  const auto wake_at = std::min(until, look_again_at());
  const bool told = timer_.wait_readable({bell_.fd.get(), watch_.fd(), interrupt_fd}, wake_at);
  if (told) {
    platform::drain(bell_.fd.get());
    if (watch_) read_changes();
  }
  woken_ = BootClock::now();
  // Some ahead may have died. Who is far behind need not know, as long as somebody looks; a thousand who read
  // the queue anew now and then are no crowd that costs nothing.
  if (told || (woken_ >= wake_at && place_ < kNear)) place_known_ = false;
  if (told || lookout_) return true;
  const auto last = queue_.last_lookout();
  const auto now = BootClock::now();  // not before: what a lookout leaves just now would lie in the future
  if (last && *last <= now && now - *last < kNobodyLooks) return false;
  lookout_ = true;
  start_watching();
  return true;
}

void WaitingPlace::find_place() {
  const auto entries = queue_.entries_since(woken_);
  const auto mine =
      std::lower_bound(entries->begin(), entries->end(), ticket_.id,
                       [](const Queue::Entry& entry, const std::string& id) { return entry.id < id; });
  place_ = static_cast<std::size_t>(mine - entries->begin());
  place_known_ = true;
}

bool WaitingPlace::start_watching() {
  watch_ = spare_.take();
  if (!watch_) return false;
  for (const std::string& folder : watched_) watch_.add(folder);
  watch_.add(queue_.path());
  return true;
}

BootClock::time_point WaitingPlace::look_again_at() {
  const auto now = BootClock::now();
  if (echo_ < kEchoes.size() && echo_ > 0) return now + kEchoes[echo_++ - 1];
  if (lookout_ && !watch_) return now + kWithoutEvents;
  if (lookout_) return now + kAnyway;
  return now + std::min<BootClock::duration>(kAnyway * (1 + place_ / kStep), kMostSeldom);
}

// A file that was removed before it was closed was released: nobody's flock on it counts any more.
void WaitingPlace::read_changes() {
  std::set<std::string> removed;
  for (const auto& change : watch_.changes()) {
    if (!is_pid_file(change.name)) continue;
    if (!change.closed)
      removed.insert(change.name);
    else if (removed.count(change.name) == 0)
      echo_ = 1;
  }
}

}  // namespace lockable::file_store
