#include "cli/ctl/end_holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "allocation/surrounding.h"
#include "json/one_line.h"
#include "platform/identity.h"
#include "platform/named_process.h"
#include "platform/other_process.h"
#include "platform/wakeup.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;
using platform::OtherProcess;
using Sent = OtherProcess::Sent;

constexpr const char* kItself = "this command itself runs under that allocation";
constexpr auto kLookEvery = 20ms;
constexpr auto kNobodySeenFor = 2s;
constexpr int kLooks = 3;  // whoever only tries to take a lock has it for microseconds

// By which one holder is told from the next one.
std::string name_of(const Hold& hold) {
  return hold.alloc_id.empty() ? "pid " + hold.owner.value("pid", Json()).dump() : hold.alloc_id;
}

std::string text_of(int pid) {
  const auto status = platform::process_status(pid);
  return fmt::format("pid {} ({})", pid, status ? one_line(status->name) : "?");
}

// The holder's own process as its record tells it; empty when that is gone, or cannot be seen from here.
std::optional<OtherProcess> process_of(const Hold& hold) {
  const auto named = platform::named_process(hold.owner);
  if (!named) return {};
  auto process = OtherProcess::open(named->pid);
  // Looked at once we have hold of it: its number stays its own until then.
  if (!process || !platform::status_of_process(*named)) return {};
  return process;
}

class Ending {
 public:
  Ending(LockStore& store, const std::string& resource_id, const std::vector<Hold>& holds,
         std::chrono::nanoseconds grace, const std::function<void(const std::string&)>& tell)
      : store_(store), resource_id_(resource_id), grace_(grace), tell_(tell) {
    for (const Hold& hold : holds) meant_.insert(name_of(hold));
  }

  std::string run() {
    for (const int pid : store_.keepers(resource_id_))
      if (pid == platform::own_pid()) return kItself;
    // Where no child has the lock.
    for (const Json& surrounding : surrounding_allocations())
      if (meant_.count(surrounding.value("alloc_id", "")) > 0) return kItself;
    last_seen_ = BootClock::now();
    for (;;) {
      look();
      if (holds_.empty()) return "";
      if (targets_.empty()) find_targets();
      if (!problem_.empty()) return problem_;
      for (auto& [pid, target] : targets_) urge(target);
      if (!problem_.empty()) return problem_;
      if (!targets_.empty()) last_seen_ = BootClock::now();
      looks_in_vain_ = targets_.empty() ? looks_in_vain_ + 1 : 0;
      if (looks_in_vain_ > kLooks && BootClock::now() - last_seen_ > kNobodySeenFor) return nobody_seen();
      wait();
    }
  }

 private:
  struct Target {
    OtherProcess process;
    std::optional<BootClock::time_point> asked = {};
    bool killed = false;
  };

  struct Keeper {
    OtherProcess process;
    int looks = 1;
  };

  // What is still held by those who are meant, and who of the targets is still there.
  void look() {
    holds_.clear();
    others_ = false;
    for (Hold& hold : store_.holders(resource_id_)) {
      if (meant_.count(name_of(hold)) > 0)
        holds_.push_back(std::move(hold));
      else
        others_ = true;
    }
    for (auto it = targets_.begin(); it != targets_.end();)
      it = it->second.process.ended() ? targets_.erase(it) : std::next(it);
  }

  void find_targets() {
    for (const Hold& hold : holds_)
      if (auto process = process_of(hold)) add(std::move(*process));
    if (targets_.empty()) find_keepers();
  }

  // Whoever had the lock in several looks, between which it was never another holder's.
  void find_keepers() {
    std::map<int, Keeper> seen;
    if (!others_)
      for (const int pid : store_.keepers(resource_id_))
        if (auto process = OtherProcess::open(pid)) seen.emplace(pid, Keeper{std::move(*process)});
    for (auto& [pid, keeper] : seen) {
      const auto before = keepers_.find(pid);
      if (before != keepers_.end() && !before->second.process.ended())
        keeper.looks = before->second.looks + 1;
    }
    keepers_ = std::move(seen);
    for (auto& [pid, keeper] : keepers_)
      if (keeper.looks >= kLooks) add(std::move(keeper.process));
    if (!targets_.empty()) keepers_.clear();
  }

  void add(OtherProcess process) {
    const int pid = process.pid();
    targets_.emplace(pid, Target{std::move(process)});
  }

  void urge(Target& target) {
    if (target.process.ended()) return;
    const auto now = BootClock::now();
    const int pid = target.process.pid();
    Sent sent = Sent::kYes;
    if (!target.asked) {
      tell_("ending " + text_of(pid));
      target.asked = now;
      sent = target.process.ask_to_end();
    } else if (!target.killed && now - *target.asked >= grace_) {
      tell_("killing " + text_of(pid));
      target.killed = true;
      sent = target.process.kill();
    }
    if (sent == Sent::kForbidden)
      problem_ = text_of(pid) + " belongs to another user: ask that user, or an administrator, to end it";
  }

  std::string nobody_seen() const {
    if (others_) return "others hold slots of it too, and who inherited these cannot be told from them";
    const Json host = holds_.front().owner.value("host", Json());
    const bool elsewhere = host.is_string() && host != platform::self().host;
    return "who has its lock cannot be seen from here: " +
           (elsewhere ? "it is on host " + one_line(host.get<std::string>())
                      : std::string("another user's program, or one in a container")) +
           "; end it there";
  }

  void wait() {
    std::vector<int> fds;
    for (const auto& [pid, target] : targets_) fds.push_back(target.process.fd());
    timer_.wait_readable(fds, BootClock::now() + kLookEvery);
  }

  LockStore& store_;
  const std::string& resource_id_;
  const std::chrono::nanoseconds grace_;
  const std::function<void(const std::string&)>& tell_;
  std::set<std::string> meant_;
  std::vector<Hold> holds_;
  bool others_ = false;            // hold some of its slots
  std::map<int, Target> targets_;  // by pid
  std::map<int, Keeper> keepers_;  // seen last time
  BootClock::time_point last_seen_;
  int looks_in_vain_ = 0;
  std::string problem_;
  platform::Timer timer_;
};

}  // namespace

std::string end_holders(LockStore& store, const std::string& resource_id, const std::vector<Hold>& holds,
                        std::chrono::nanoseconds grace, const std::function<void(const std::string&)>& tell) {
  return Ending(store, resource_id, holds, grace, tell).run();
}

}  // namespace lockable::cli
