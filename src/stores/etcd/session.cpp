#include "stores/etcd/session.h"

#include <algorithm>

#include "platform/identity.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;

constexpr int kRenewals = 5;  // in the time of a lease
constexpr auto kTry = 1s;
constexpr auto kPause = 200ms;

}  // namespace

Session::Session(std::shared_ptr<Gateway> gateway, std::chrono::seconds time,
                 std::chrono::nanoseconds patience)
    : gateway_(std::move(gateway)), owner_pid_(platform::own_pid()) {
  const auto asked = BootClock::now();
  const Json granted =
      gateway_->call("lease/grant", {{"TTL", std::to_string(time.count())}}, asked + patience);
  lease_ = integer(granted, "ID");
  // A cluster may grant more time than was asked for; we count on what we asked for.
  time_ = std::min<std::chrono::nanoseconds>(time, std::chrono::seconds(integer(granted, "TTL")));
  if (lease_ == 0 || time_ <= 0s) throw StoreError("etcd at " + gateway_->address().uri + " grants no lease");
  // Several tries may have been made: it counts from the last one, which began kTry ago at most. Renew soon.
  held_until_ = asked + time_;
  thread_ = std::make_unique<platform::Background>([this](int stop_fd) { keep_alive(stop_fd); });
}

Session::~Session() {
  if (owner_pid_ != platform::own_pid()) {
    static_cast<void>(thread_.release());  // the thread is our parent's
    return;
  }
  thread_.reset();
  if (ended()) return;
  try {
    gateway_->call("lease/revoke", {{"ID", std::to_string(lease_)}}, BootClock::now() + kTry);
  } catch (const std::exception&) {
    return;  // then it ends by itself
  }
}

bool Session::ended() const {
  if (owner_pid_ != platform::own_pid()) return true;
  if (!ended_ && BootClock::now() >= held_until()) ended_ = true;
  return ended_;
}

void Session::later(Json transaction) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    waiting_.push_back(std::move(transaction));
  }
  news_.ring();
}

void Session::keep_alive(int stop_fd) {
  platform::Timer timer;
  while (!ended()) {
    const auto due = held_until() - time_ + time_ / kRenewals;
    const bool told = timer.wait_readable({stop_fd, news_.fd()}, std::max(due, BootClock::now()));
    if (platform::readable(stop_fd) || ended()) return;
    news_.clear();
    try {
      if (!told) renew();
      catch_up();
    } catch (const Refusal& refusal) {
      if (refusal.not_found()) ended_ = true;
      if (timer.wait_readable({stop_fd}, BootClock::now() + kPause)) return;
    } catch (const std::exception&) {
      if (timer.wait_readable({stop_fd}, BootClock::now() + kPause)) return;
      news_.ring();
    }
  }
}

void Session::renew() {
  const auto asked = BootClock::now();
  const Json answer = gateway_->call("lease/keepalive", {{"ID", std::to_string(lease_)}}, asked + kTry);
  const auto result = answer.find("result");
  const std::int64_t left = result == answer.end() ? 0 : integer(*result, "TTL");
  if (left <= 0) ended_ = true;
  if (!ended()) held_until_ = asked + std::min<std::chrono::nanoseconds>(time_, std::chrono::seconds(left));
}

void Session::catch_up() {
  for (;;) {
    Json transaction;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      if (waiting_.empty()) return;
      transaction = waiting_.front();
    }
    gateway_->commit(transaction, kTry);
    const std::lock_guard<std::mutex> guard(mutex_);
    waiting_.erase(waiting_.begin());
  }
}

}  // namespace lockable::etcd
