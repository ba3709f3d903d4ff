#include "stores/etcd/checkup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/time_text.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;
using Kind = Finding::Kind;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kTrials = 5;
constexpr auto kPatience = 4s;
constexpr auto kSlow = 100ms;     // a write; then each hand-over takes several times that
constexpr auto kClockApart = 2s;  // an HTTP date tells seconds only
using Version = std::array<int, 3>;
constexpr Version kLeast{3, 4, 0}, kGood34{3, 4, 31}, kFirst35{3, 5, 0}, kGood35{3, 5, 13};

class Checkup {
 public:
  Checkup(Gateway& gateway, const Names& names, std::chrono::seconds lease_time)
      : gateway_(gateway), names_(names), lease_time_(lease_time) {}

  std::vector<Finding> run() {
    std::size_t answering = 0;
    for (std::size_t member = 0; member < gateway_.address().endpoints.size(); ++member)
      answering += look_at(member) ? 1 : 0;
    if (answering == 0) return std::move(findings_);
    try {
      try_to_write();
      look_for_alarms();
      count_members();
    } catch (const StoreError& error) {
      add(Kind::kProblem, error.what());
    } catch (const Json::exception& error) {
      add(Kind::kProblem, std::string("an answer of the cluster is not understood: ") + error.what());
    }
    return std::move(findings_);
  }

 private:
  void add(Kind kind, const std::string& text) { findings_.push_back({kind, text}); }

  bool look_at(std::size_t member) try {
    const std::string name = "etcd at " + gateway_.address().endpoints[member];
    const Gateway::Reply reply = gateway_.ask(member, "maintenance/status", "{}");
    const std::string version = reply.said.value("version", "?");
    const bool leads = reply.said.value("leader", "") == reply.said.at("header").value("member_id", "-");
    add(Kind::kGood, fmt::format("{}: version {}, {}answers in {:.1f} ms", name, version,
                                 leads ? "leader, " : "", Milliseconds(reply.took).count()));
    judge_version(name, version);
    if (reply.said.value("leader", "0") == "0")
      add(Kind::kProblem,
          name + ": has no leader; most members of the cluster must run and reach each other");
    compare_clocks(name, reply.date);
    return true;
  } catch (const Refusal& refusal) {  // it asks who we are, and is there
    add(Kind::kDoubt, refusal.what());
    return true;
  } catch (const StoreError& error) {
    add(Kind::kProblem, error.what());
    return false;
  } catch (const Json::exception&) {
    add(Kind::kProblem, "etcd at " + gateway_.address().endpoints[member] +
                            ": its answer is not understood: is this etcd 3.4 or later?");
    return false;
  }

  void judge_version(const std::string& name, const std::string& version) {
    Version found{};
    if (std::sscanf(version.c_str(), "%d.%d.%d", &found[0], &found[1], &found[2]) != 3) return;
    if (found < kLeast)
      add(Kind::kProblem, name + ": version 3.4 or later is needed");
    else if (found < kGood34 || (found >= kFirst35 && found < kGood35))
      add(Kind::kDoubt, name +
                            ": before 3.4.31 and 3.5.13 a leader that hung for as long as a lease lasts may, "
                            "when it goes on, end "
                            "leases that are renewed all the time (etcd issue 15247): a longer "
                            "LOCKABLE_ETCD_LEASE_TIME or a newer etcd "
                            "help");
  }

  void compare_clocks(const std::string& name, const std::string& date) {
    const auto theirs = platform::parse_http_date(date);
    if (!theirs) return;
    const auto apart = std::chrono::duration<double>(Clock::system()->wall() - *theirs - 500ms);
    if (std::abs(apart.count()) < std::chrono::duration<double>(kClockApart).count()) return;
    add(Kind::kDoubt,
        fmt::format(
            "{}: its clock is {:.0f} s {} ours; times shown and priorities count from each host's clock, so "
            "let NTP or the like set them all",
            name, std::abs(apart.count()), apart.count() > 0 ? "behind" : "ahead of"));
  }

  // With a lease, as everything is that we keep there.
  void try_to_write() {
    const auto until = BootClock::now() + kPatience;
    const std::string seconds = std::to_string(lease_time_.count());
    const Json granted = gateway_.call("lease/grant", Json{{"TTL", seconds}}.dump(), until);
    const std::int64_t lease = integer(granted, "ID");
    const std::string key = names_.trial(fmt::format("{:x}", lease));
    std::vector<std::chrono::nanoseconds> took;
    for (int i = 0; i < kTrials; ++i) {
      const auto started = BootClock::now();
      gateway_.commit(unconditional({put(key, "{}", lease), get(names_.whole_queue())}), kPatience);
      took.push_back(BootClock::now() - started);
    }
    gateway_.call("lease/revoke", Json{{"ID", std::to_string(lease)}}.dump(), BootClock::now() + kPatience);
    std::sort(took.begin(), took.end());
    const std::string speed =
        fmt::format("namespace {}: can be read and written, {:.1f} ms a write", gateway_.address().name_space,
                    Milliseconds(took[kTrials / 2]).count());
    if (took[kTrials / 2] < kSlow)
      add(Kind::kGood, speed);
    else
      add(Kind::kDoubt, speed + ": that is slow; etcd needs a fast disk and short ways between its members");
  }

  void look_for_alarms() {
    const Json answer =
        gateway_.call("maintenance/alarm", R"({"action":"GET"})", BootClock::now() + kPatience);
    const auto alarms = answer.find("alarms");
    if (alarms == answer.end()) return;
    for (const Json& alarm : *alarms)
      add(Kind::kProblem, fmt::format("the cluster has raised the alarm {}; see etcdctl alarm list",
                                      alarm.value("alarm", "?")));
  }

  void count_members() {
    const Json answer = gateway_.call("cluster/member/list", "{}", BootClock::now() + kPatience);
    const auto members = answer.find("members");
    const std::size_t count = members == answer.end() ? 0 : members->size();
    const std::size_t named = gateway_.address().endpoints.size();
    if (count == 1)
      add(Kind::kDoubt,
          "the cluster has one member: while it is down nobody gets anything, and what is held for longer "
          "than the lease time is lost; three members go on without one");
    else if (named < count)
      add(Kind::kDoubt,
          fmt::format("the cluster has {} members, the store's URI names {}: with all of them we can go "
                      "on to another one",
                      count, named));
  }

  Gateway& gateway_;
  const Names& names_;
  const std::chrono::seconds lease_time_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_up(Gateway& gateway, const Names& names, std::chrono::seconds lease_time) {
  return Checkup(gateway, names, lease_time).run();
}

}  // namespace lockable::etcd
