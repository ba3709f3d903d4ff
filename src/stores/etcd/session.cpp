#include "stores/etcd/session.h"

#include <algorithm>

#include "platform/identity.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;

constexpr int kRenewals = 5;  // in the time of a lease
constexpr auto kTry = 1s;
constexpr std::chrono::nanoseconds kLongestRenewal = 3s;
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
    timer.wait_readable({stop_fd, news_.fd()}, std::max(due, BootClock::now()));
    if (platform::readable(stop_fd) || ended()) return;
    news_.clear();
    try {
      if (BootClock::now() >= due) renew();
      catch_up();
    } catch (const std::exception&) {
      if (timer.wait_readable({stop_fd}, BootClock::now() + kPause)) return;
      news_.ring();
    }
  }
}

std::int64_t Session::ask_for_more(BootClock::time_point deadline) try {
  const Json answer = gateway_->call("lease/keepalive", {{"ID", std::to_string(lease_)}}, deadline);
  const auto result = answer.find("result");
  return result == answer.end() ? 0 : integer(*result, "TTL");
} catch (const Refusal& refusal) {
  if (refusal.not_found()) return 0;
  throw;
}

void Session::renew() {
  const auto asked = BootClock::now();
  const auto patience = std::clamp<std::chrono::nanoseconds>(time_ / kRenewals, kTry, kLongestRenewal);
  std::int64_t left = ask_for_more(asked + patience);
  if (left <= 0) {
    // A member that was just started knows of no lease before it has read its log to the end. It answers this
    // when it has.
    const Json any = {get(one(gateway_->address().name_space + "/"))};
    gateway_->commit(transaction(Json::array(), any, Json::array()), patience);
    left = ask_for_more(BootClock::now() + patience);
  }
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
