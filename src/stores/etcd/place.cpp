#include "stores/etcd/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "platform/identity.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;

constexpr BootClock::duration kAnyway = 3s;
constexpr std::size_t kStep = 8;  // so many places further behind, one looks a time less often
constexpr BootClock::duration kMostSeldom = 20s;
constexpr BootClock::duration kAfterTrouble = 100ms;

// In order of rank, as far as clocks agree: of a circle of requests the last one fails.
std::string new_id(std::chrono::nanoseconds rank, const Session& session) {
  static std::atomic<unsigned> serial{0};
  const std::chrono::nanoseconds positive = rank + kPriorityStep * kMostPriority;
  return fmt::format("{:020}-{:x}-{}", positive.count(), session.lease(), serial++);
}

}  // namespace

WaitingPlace::WaitingPlace(EtcdStore& store, Ticket ticket)
    : store_(store),
      ticket_(std::move(ticket)),
      session_(store.session()),
      arrival_(Clock::system()->wall().time_since_epoch()),
      keeps_rank_(ticket_.rank.count() != 0),
      owner_pid_(platform::own_pid()) {
  ticket_.id = new_id(keeps_rank_ ? ticket_.rank : rank_of(arrival_, ticket_.priority), *session_);
  join();
}

void WaitingPlace::join() {
  if (session_->ended()) session_ = store_.session();
  const std::string mine =
      put(store_.names().ticket(ticket_.id), entry_text({ticket_, arrival_, keeps_rank_}), session_->lease());
  try {
    store_.carry_out({}, {mine}, EtcdStore::Look::kAll, store_.patience());
  } catch (const StoreError&) {
    store_.leave(ticket_.id, *session_);  // it may be carried out yet
    throw;
  }
}

WaitingPlace::~WaitingPlace() {
  if (owner_pid_ == platform::own_pid()) store_.leave(ticket_.id, *session_);
}

void WaitingPlace::update(Wants wants) {
  ticket_.wants = std::move(wants);
  join();
}

bool WaitingPlace::wait(BootClock::time_point until, int interrupt_fd) {
  const EtcdStore::Standing standing = store_.standing(ticket_.id);
  const bool swept = standing.revision > 0 && !standing.there;  // by hand
  if (session_->ended() || swept) {
    if (standing.rank.count() != 0) {
      ticket_.rank = standing.rank;
      keeps_rank_ = true;
    }
    watch_.reset();
    join();
    return true;
  }
  try {
    return listen(standing, until, interrupt_fd);
  } catch (const net::HttpError&) {
    if (watch_) store_.gateway().leave(watch_->member());
    watch_.reset();
    timer_.wait_readable({interrupt_fd}, std::min(until, BootClock::now() + kAfterTrouble));
    return true;
  }
}

void WaitingPlace::watch(const EtcdStore::Standing& standing) {
  const bool lookout = standing.seen != nullptr;
  if (watch_ && (watch_->is_over() || watch_->member() != store_.gateway().member() ||
                 (lookout && !watch_->is_lookout())))
    watch_.reset();
  if (watch_) return;
  if (lookout) {
    session_->guard();  // while there is time for it
    watch_.emplace(store_.gateway(), store_.names(), ticket_.id, *standing.seen);
  } else {
    watch_.emplace(store_.gateway(), store_.names(), ticket_.id, standing.revision);
  }
}

bool WaitingPlace::listen(const EtcdStore::Standing& standing, BootClock::time_point until,
                          int interrupt_fd) {
  watch(standing);
  // Stays over several waits: the lease is to be seen to more often than that.
  if (!look_at_)
    look_at_ =
        BootClock::now() + std::min<BootClock::duration>(kAnyway * (1 + standing.place / kStep), kMostSeldom);
  const auto wake_at = std::min({until, *look_at_, session_->held_until()});
  const bool woken = watch_->wait(standing.revision, wake_at, {interrupt_fd});
  const bool due =
      !platform::readable(interrupt_fd) && BootClock::now() >= std::min(*look_at_, session_->held_until());
  if (woken && watch_->is_lookout() && !watch_->is_over()) store_.keep(watch_->seen());
  if (woken || due) look_at_.reset();
  return woken || due;
}

}  // namespace lockable::etcd
