#include "stores/file/bells.h"

#include "platform/wakeup.h"

namespace lockable::file_store {
namespace {

constexpr BellNumber kMostTries = 1000;  // beyond those that are taken
constexpr auto kRungLately = std::chrono::hours(1);

// Empty when that one is not to be had: somebody has it, or it is no FIFO of ours to open.
platform::Fd try_take(const platform::Folder& bells, const std::string& name) try {
  platform::Fd fd = bells.open_fifo(name);
  if (!platform::try_lock_exclusive(fd.get(), bells.path_of(name))) return {};
  return fd;
} catch (const platform::SystemError& error) {
  if (!error.wrong_kind() && !error.not_permitted()) throw;
  return {};
}

}  // namespace

Bell take_bell(const platform::Folder& bells, const std::set<BellNumber>& taken) {
  const auto end = static_cast<BellNumber>(taken.size()) + kMostTries;
  for (BellNumber number = 0; number < end; ++number) {
    if (taken.count(number) > 0) continue;
    platform::Fd fd = try_take(bells, std::to_string(number));
    if (!fd) continue;
    // Rung now and then, it is not old for what sweeps temporary folders; what is heard now was meant for who
    // had it before.
    const auto rung = platform::status_of(fd.get(), bells.path()).modified;
    if (Clock::system()->wall() - rung > kRungLately) ring(bells, number);
    platform::drain(fd.get());
    return {number, platform::PrivateFd(std::move(fd))};
  }
  throw platform::SystemError("cannot use any FIFO in " + bells.path(), EACCES);
}

bool is_in_place(const platform::Folder& bells, const Bell& bell) {
  const std::string name = std::to_string(bell.number);
  const auto there = bells.status(name);
  return there && there->same_file(platform::status_of(bell.fd.get(), bells.path_of(name)));
}

void ring(const platform::Folder& bells, BellNumber number) noexcept { bells.ring(std::to_string(number)); }

}  // namespace lockable::file_store
