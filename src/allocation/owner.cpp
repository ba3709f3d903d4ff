#include "allocation/owner.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <random>

#include "platform/identity.h"

namespace lockable {

Json describe_owner(const Options& options, WallTime now) {
  const platform::Identity& me = platform::self();
  Json owner{{"pid", me.pid},
             {"start_time", me.start_time},
             {"boot_id", me.boot_id},
             {"pid_namespace", me.pid_namespace},
             {"user", me.user},
             {"host", me.host},
             {"command", options.command.empty() ? me.command : options.command},
             {"since", iso8601(now)}};
  if (options.current_test)
    if (const std::string test = options.current_test(); !test.empty()) owner["test"] = test;
  if (!options.note.empty()) owner["note"] = options.note;
  return owner;
}

std::string new_alloc_id() {
  // Seeded anew in a forked child, which would otherwise repeat its parent's ids.
  thread_local int seeded_for = 0;
  thread_local std::mt19937_64 random;
  if (seeded_for != platform::own_pid()) {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    random.seed(seed);
    seeded_for = platform::own_pid();
  }
  return fmt::format("{:016x}{:016x}", random(), random());
}

std::string iso8601(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)), milliseconds % 1000);
}

}  // namespace lockable
