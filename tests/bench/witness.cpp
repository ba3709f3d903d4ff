// Does a resource ever have two users? Processes by the thousand, one for each allocation, some killed.
#include <fmt/core.h>

#include "arguments.h"
#include "flock_calls.h"
#include "rate.h"
#include "support/temp_folder.h"
#include "swarm.h"

namespace {

using namespace lockable::bench;

constexpr const char* kUsage =
    "lockable_witness [--processes 32] [--boards 4] [--allocations 100000 | --seconds N] [--kill-every MS] "
    "[--stop-one-in 400] [--seed N] [--rush] [--peer-seconds 5]";

SwarmPlan read_plan(const Arguments& arguments) {
  SwarmPlan plan;
  plan.processes = static_cast<unsigned>(arguments.number("processes", 32));
  plan.seed = static_cast<unsigned>(arguments.number("seed", 1));
  plan.allocations = arguments.number("allocations", 100'000);
  if (arguments.has("seconds")) plan.seconds = std::chrono::seconds(arguments.number("seconds", 0));
  plan.rush = arguments.has("rush");
  plan.kill_one_in = 20;
  plan.stop_one_in = static_cast<unsigned>(arguments.number("stop-one-in", 400));
  if (arguments.has("kill-every"))
    plan.kill_every = std::chrono::milliseconds(arguments.number("kill-every", 0));
  return plan;
}

// The loop alone. Kills belong to it; what only makes races likely (pauses, stops) does not.
Rate::Figures calm_rate(SwarmPlan plan, unsigned boards, std::chrono::seconds time, bool& good) {
  const lockable::testing::TempFolder folder;
  const Arena arena(folder.path(), boards);
  arena.make();
  plan.pauses = false;
  plan.stop_one_in = 0;
  plan.seconds = time;
  const Rate rate;
  const SwarmResult result = Swarm(arena, plan).run();
  const auto allocations = arena.allocations(kAllocations);
  const Rate::Figures figures = rate.of(allocations);
  good &= report("calm", arena, result, fmt::format("{} allocations", allocations));
  return figures;
}

}  // namespace

int main(int argc, char** argv) try {
  if (const auto code = worker_exit_code(argc, argv)) return *code;
  const Arguments arguments(argc, argv,
                            {"processes", "boards", "allocations", "seconds", "kill-every", "stop-one-in",
                             "seed", "rush", "peer-seconds"},
                            kUsage);
  const lockable::testing::TempFolder folder;
  const Arena arena(folder.path(), static_cast<unsigned>(arguments.number("boards", 4)));
  arena.make();
  SwarmPlan plan = read_plan(arguments);
  plan.allocations_so_far = [&arena] { return arena.allocations(kAllocations); };
  const SwarmResult result = Swarm(arena, plan).run();
  const auto allocations = arena.allocations(kAllocations);
  bool good = report("witness", arena, result,
                     fmt::format("{} allocations ({} processes, {} at a time, {} boards)", allocations,
                                 result.started, plan.processes, arena.boards()));
  fmt::print("witness: {:.0f} allocations a second\n",
             static_cast<double>(allocations) / result.took.count());
  if (const std::chrono::seconds time(arguments.number("peer-seconds", 5)); time.count() > 0) {
    const Rate::Figures calm = calm_rate(plan, arena.boards(), time, good);
    const Rate::Figures flock = rate_of_flock_calls(arena, plan.processes, time);
    fmt::print("calm: {}, kills included; the same loop in flock(1) calls, without kills: {}: {:.2f} times\n",
               text(calm), text(flock), calm.per_second / flock.per_second);
  }
  return good && allocations > 0 ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "witness: {}\n", error.what());
  return 1;
}
