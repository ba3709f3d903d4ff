#include "stores/file/place.h"

#include <algorithm>
#include <array>

#include "platform/identity.h"
#include "stores/file/folder_error.h"

namespace lockable::file_store {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLookouts = 2;  // two, so that one may be stopped or killed
constexpr auto kAnyway = 1s;
constexpr std::size_t kLookOften = 8;  // a crowd that looks at a thousand resources has the machine busy
constexpr auto kFarBehind = 5s;
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
      owner_pid_(platform::own_pid()) {
  ticket_.id = queue_.next_id();
  join();
}

void WaitingPlace::join() try {
  bell_ = queue_.make_bell(ticket_.id);
  file_ = queue_.write(ticket_);
} catch (const platform::SystemError&) {
  queue_.remove(ticket_.id);
  throw;
}

WaitingPlace::~WaitingPlace() {
  if (owner_pid_ != platform::own_pid()) return;
  queue_.remove(ticket_.id);
  if (!lookout_) return;
  spare_.give_back(std::move(watch_));
  try {
    const std::vector<std::string> rest = queue_.ids();
    for (std::size_t i = 0; i < std::min(rest.size(), kLookouts); ++i) queue_.ring(rest[i]);
  } catch (const std::exception&) {
    return;  // the others find out within a second
  }
}

void WaitingPlace::update(std::vector<Want> wants) {
  ticket_.wants = std::move(wants);
  in_folder(watched_.front(), [this] { file_ = queue_.write(ticket_); });
}

bool WaitingPlace::wait(BootClock::time_point until, int interrupt_fd) {
  return in_folder(watched_.front(), [&] { return look_and_wait(until, interrupt_fd); });
}

bool WaitingPlace::look_and_wait(BootClock::time_point until, int interrupt_fd) {
  const std::vector<std::string> ids = queue_.ids();
  const auto mine = std::lower_bound(ids.begin(), ids.end(), ticket_.id);
  if (mine == ids.end() || *mine != ticket_.id) {  // somebody took us for dead, or removed the whole queue
    queue_.remove(ticket_.id);
    join();
    lookout_ = false;
    return true;
  }
  const auto place = static_cast<std::size_t>(mine - ids.begin());
  if (!lookout_ && place < kLookouts) {
    lookout_ = true;
    if (start_watching()) return true;  // what happened before we watched was not seen: look first
  }
  const auto wake_at = std::min(until, look_again_at());
  const bool told = timer_.wait_readable({bell_.get(), watch_.fd(), interrupt_fd}, wake_at);
  if (told) platform::drain(bell_.get());
  if (told && watch_) read_changes();
  const auto now = BootClock::now();
  if (!told && place >= kLookOften && now < look_at_) return false;
  look_at_ = now + kFarBehind;
  return true;
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
  return now + (lookout_ && !watch_ ? BootClock::duration(kWithoutEvents) : BootClock::duration(kAnyway));
}

void WaitingPlace::read_changes() {
  for (const std::string& name : watch_.changes()) {
    if (is_pid_file(name)) echo_ = 1;
  }
}

}  // namespace lockable::file_store
