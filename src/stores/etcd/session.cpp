#include "stores/etcd/session.h"

#include <algorithm>

#include "platform/identity.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;

constexpr int kRenewals = 5;  // in the time of a lease
constexpr int kReserve = 8;   // of the time of a lease, a part is not counted on
constexpr int kLooks = 4;     // in the time of a lease, whether anything is held by now
constexpr auto kTry = 1s;
constexpr std::chrono::nanoseconds kLongestRenewal = 3s;
constexpr auto kPause = 200ms;

}  // namespace

Session::Session(std::shared_ptr<Gateway> gateway, SessionOptions options)
    : gateway_(std::move(gateway)), owner_pid_(platform::own_pid()), options_(std::move(options)) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.time);
  const Json asked{{"TTL", std::to_string(seconds.count())}};
  // Several tries may be made: reckoned from the first one, the lease lasts longer than we think.
  const auto now = BootClock::now();
  const Json granted = gateway_->call("lease/grant", asked.dump(), now + options_.patience());
  lease_ = integer(granted, "ID");
  extend(now, std::chrono::seconds(integer(granted, "TTL")));
  if (lease_ == 0) throw StoreError("etcd at " + gateway_->address().uri + " grants no lease");
  thread_ = std::make_unique<platform::Background>([this](int stop_fd) { keep_alive(stop_fd); });
}

Session::~Session() {
  if (owner_pid_ != platform::own_pid()) {
    static_cast<void>(thread_.release());  // they are our parent's
    static_cast<void>(watchdog_.release());
    return;
  }
  thread_.reset();
  watchdog_.reset();
  // With nothing under it the lease ends by itself: a round trip less for every command.
  // But a try of a call that was made again elsewhere may be carried out yet.
  if (ended() || (words().holds == 0 && waiting_.empty() && !gateway_->tried_again())) return;
  try {
    gateway_->call("lease/revoke", Json{{"ID", std::to_string(lease_)}}.dump(), BootClock::now() + kTry);
  } catch (const std::exception&) {
    return;  // then it ends by itself
  }
}

BootClock::time_point Session::held_until() const noexcept { return until(words()); }

// A part of the time is for ending what uses the resource, and for clocks that do not go alike.
void Session::extend(BootClock::time_point asked, std::chrono::nanoseconds granted) noexcept {
  const auto time = std::min<std::chrono::nanoseconds>(options_.time, granted);
  words().until = (asked + time - time / kReserve).time_since_epoch().count();
}

void Session::hold() noexcept { ++words().holds; }
void Session::give_up() noexcept { --words().holds; }

BootClock::time_point Session::until(const Words& words) {
  return BootClock::time_point(BootClock::duration(words.until));
}

void Session::guard() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (guarded_) return;
  const HeldUntil held_until = [words = shared_, pause = options_.time / kLooks] {
    const auto now = BootClock::now(), end = until(**words);
    if ((*words)->holds > 0) return end;
    return end > now ? std::min<BootClock::time_point>(end, now + pause) : now + pause;
  };
  if (options_.guard) options_.guard(held_until);
  if (options_.watchdog) watchdog_ = std::make_unique<platform::Watchdog>(orders(held_until));
  guarded_ = true;
}

platform::WatchdogOrders Session::orders(const HeldUntil& held_until) const {
  platform::WatchdogOrders orders;
  orders.until = held_until;
  orders.ends_us = true;
  orders.message = "lockable: what this program holds in " + gateway_->address().uri +
                   " may be given to others, since it was stopped or cannot reach the cluster; ending it";
  return orders;
}

bool Session::ended() const {
  if (owner_pid_ != platform::own_pid()) return true;
  if (!ended_ && BootClock::now() >= held_until()) ended_ = true;
  return ended_;
}

void Session::later(std::string transaction) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    waiting_.push_back(std::move(transaction));
  }
  news_.ring();
}

void Session::keep_alive(int stop_fd) {
  platform::Timer timer;
  std::string trouble;
  while (!ended()) {
    const auto due = held_until() - options_.time + options_.time / kReserve + options_.time / kRenewals;
    timer.wait_readable({stop_fd, news_.fd()}, due);
    if (platform::readable(stop_fd)) return;
    if (ended()) break;
    news_.clear();
    try {
      if (BootClock::now() >= due) renew();
      catch_up();
      continue;
    } catch (const Refusal& refusal) {
      trouble = refusal.what();
      ended_ = ended_ || refusal.not_found();
    } catch (const std::exception& error) {
      trouble = error.what();
    }
    if (timer.wait_readable({stop_fd}, BootClock::now() + kPause)) return;
    news_.ring();
  }
  if (words().holds > 0 && options_.on_lost)
    options_.on_lost("the lease of this program in " + gateway_->address().uri + " was not renewed in time" +
                     (trouble.empty() ? ": was it stopped?" : ": " + trouble));
}

std::int64_t Session::ask_for_more(BootClock::time_point deadline) try {
  const Json answer =
      gateway_->call("lease/keepalive", Json{{"ID", std::to_string(lease_)}}.dump(), deadline);
  const auto result = answer.find("result");
  return result == answer.end() ? 0 : integer(*result, "TTL");
} catch (const Refusal& refusal) {
  if (refusal.not_found()) return 0;
  throw;
}

void Session::renew() {
  const auto asked = BootClock::now();
  const auto patience =
      std::clamp<std::chrono::nanoseconds>(options_.time / kRenewals, kTry, kLongestRenewal);
  std::int64_t left = ask_for_more(asked + patience);
  if (left <= 0) {
    // A member that was just started knows of no lease before it has read its log to the end. It answers this
    // when it has.
    gateway_->commit(unconditional({get(one(gateway_->address().name_space + "/"))}), patience);
    left = ask_for_more(BootClock::now() + patience);
  }
  if (left <= 0) ended_ = true;
  if (!ended()) extend(asked, std::chrono::seconds(left));
}

void Session::catch_up() {
  for (;;) {
    std::string transaction;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      if (waiting_.empty()) return;
      transaction = waiting_.front();
    }
    try {
      gateway_->commit(transaction, kTry);
    } catch (const Refusal&) {
      // Nor would it be done later, and others wait behind it.
    }
    const std::lock_guard<std::mutex> guard(mutex_);
    waiting_.erase(waiting_.begin());
  }
}

}  // namespace lockable::etcd
