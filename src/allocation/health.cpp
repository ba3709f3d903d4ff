#include "allocation/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "allocation/owner.h"
#include "allocation/probe.h"
#include "json/one_line.h"
#include "planner/planner.h"
#include "platform/time_text.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostTold = 10;
constexpr std::chrono::nanoseconds kLongestAside = 24h * 36500;  // no overflow of what WallTime can say

Json aside(Json owner, const std::string& note, WallTime now, std::optional<WallTime> until) {
  owner["set_aside"] = true;
  owner["since"] = platform::iso8601(now);
  owner["note"] = note;
  if (until) owner["until"] = platform::iso8601(*until);
  return owner;
}

std::string row_of_failures(int count, const std::string& last) {
  return count == 1 ? "its owner failed: " + last
                    : fmt::format("{} owners in a row failed, the last: {}", count, last);
}

void warn(const Options& options, const std::string& text) {
  if (options.on_warning) options.on_warning(text);
}

class Examination {
 public:
  Examination(const Origin& origin, Granted& granted, const Wants& wants)
      : origin_(origin), options_(origin.options), granted_(granted), wants_(wants) {}

  // False when something was set aside.
  bool all_good() { return count_the_dead() && (options_.probe.empty() || probe_all()); }

 private:
  bool shared(std::size_t index) const { return wants_[index].slots > 0; }

  // All of them, since the news of a death comes once.
  bool count_the_dead() {
    bool good = true;
    if (options_.quarantine_after <= 0) return good;
    for (std::size_t i = 0; i < granted_.leases.size(); ++i) {
      Lease& lease = *granted_.leases[i];
      if (shared(i) || !lease.previous_owner_died()) continue;
      const int count = lease.failures() + 1;
      lease.note_failures(count < options_.quarantine_after ? count : 0);
      if (count < options_.quarantine_after) continue;
      set_aside(lease, row_of_failures(count, "died without releasing it"), std::nullopt);
      good = false;
    }
    return good;
  }

  bool probe_all() {
    for (std::size_t i = 0; i < granted_.leases.size(); ++i) {
      Lease& lease = *granted_.leases[i];
      const std::string& id = lease.resource_id();
      const std::string why = probe(options_, id, origin_.inventory.find(id)->info);
      if (why.empty()) continue;
      if (shared(i))
        throw AllSetAside(fmt::format("{} failed its probe: {}; slots of it are not set aside", id, why));
      const auto time = std::clamp<std::chrono::nanoseconds>(options_.set_aside_for, 0ns, kLongestAside);
      set_aside(lease, "probe failed: " + why, options_.clock->wall() + time);
      return false;
    }
    return true;
  }

  void set_aside(Lease& lease, const std::string& note, std::optional<WallTime> until) {
    const Json owner = aside(origin_.owner, note, options_.clock->wall(), until);
    lease.leave_reserved(owner);
    const std::string how_long = until ? "until " + owner["until"].get<std::string>() : "for good";
    warn(options_, one_line(fmt::format("{0} is set aside {1}: {2}; `lockablectl release {0}` ends that",
                                        lease.resource_id(), how_long, note)));
  }

  const Origin& origin_;
  const Options& options_;
  Granted& granted_;
  const Wants& wants_;
};

/// Which of the resources that would do are set aside.
class Aside {
 public:
  explicit Aside(LockStore& store) : store_(store) {}

  // The want without them.
  Want rest_of(const Want& want) {
    Want rest = planner::narrowed(want, [this](const std::string& id) { return !is_aside(id); });
    left_ = left_ || !rest.candidates.empty();
    return rest;
  }

  std::string text() const {
    std::string text = left_ ? "too few resources that match are left, since others are set aside:"
                             : "all resources that match are set aside:";
    std::size_t told = 0;
    for (const auto& [id, owner] : known_) {
      if (owner.is_null()) continue;
      if (told++ == kMostTold) return text + "\n  and more";
      text += fmt::format("\n  {0} {1}; `lockablectl release {0}` ends that", one_line(id),
                          one_line(who_is(owner)));
    }
    return text;
  }

 private:
  bool is_aside(const std::string& id) {
    const auto [known, fresh] = known_.emplace(id, nullptr);
    if (fresh)
      for (Hold& hold : store_.holders(id))
        if (hold.owner.value("set_aside", Json()) == true) known->second = std::move(hold.owner);
    return !known->second.is_null();
  }

  LockStore& store_;
  std::map<std::string, Json> known_;  // null: it is not
  bool left_ = false;
};

void check_that_some_are_left(LockStore& store, const Wants& wants) {
  Aside aside(store);
  std::vector<Want> rest;
  for (const Want& want : wants) rest.push_back(aside.rest_of(want));
  if (!planner::possible(rest)) throw AllSetAside(aside.text());
}

}  // namespace

bool looks_at_health(const Options& options) {
  return !options.probe.empty() || options.quarantine_after > 0;
}

bool examine(const Origin& origin, Granted& granted, const Wants& wants) {
  try {
    if (Examination(origin, granted, wants).all_good()) return true;
  } catch (...) {
    give_back(origin.store, granted);
    throw;
  }
  give_back(origin.store, granted);
  check_that_some_are_left(origin.store, wants);
  return false;
}

bool end_use(const Use& use, Lease& lease, WallTime now) noexcept try {
  if (use.quarantine_after <= 0 || use.outcome == Outcome::kUnknown) return false;
  const int before = lease.failures();
  if (use.outcome == Outcome::kSuccess) {
    if (before > 0) lease.note_failures(0);
    return false;
  }
  const int count = before + 1;
  lease.note_failures(count < use.quarantine_after ? count : 0);
  if (count < use.quarantine_after) return false;
  lease.leave_reserved(aside(use.owner, row_of_failures(count, use.what), now, std::nullopt));
  return true;
} catch (const std::exception&) {
  return false;  // a full disk: it is released as ever
}

}  // namespace lockable
