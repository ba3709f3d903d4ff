// Does a resource ever have two users? Processes by the thousand, one for each allocation, some killed.
#include <fmt/core.h>

#include <utility>

#include "arguments.h"
#include "flock_calls.h"
#include "rate.h"
#include "support/temp_folder.h"
#include "swarm.h"

namespace {

using namespace lockable::bench;

constexpr const char* kUsage =
    "lockable_witness [--processes 32] [--boards 4] [--allocations 100000 | --seconds N] [--kill-every MS] "
    "[--stop-one-in 400] [--seed N] [--rush] [--peer-seconds 5] "
    "[--check [TIMES]]";

constexpr std::chrono::seconds kTurn{1};
constexpr double kLeastRate = 1;  // of that of the same loop in flock(1) calls

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

// The loop alone, nobody is killed or stopped: in turns, since a machine is faster at one time than at
// another.
bool compare_with_flock(SwarmPlan plan, unsigned boards, std::chrono::seconds time, double times) {
  const lockable::testing::TempFolder folder;
  const Arena arena(folder.path(), boards);
  arena.make();
  plan.pauses = false;
  plan.kill_one_in = 0;
  plan.kill_every.reset();
  plan.stop_one_in = 0;
  plan.seconds = kTurn;
  SwarmResult sum;
  Rate::Figures ours, flock;
  std::uint64_t allocations = 0;
  for (auto left = time; left.count() > 0; left -= kTurn) {
    const Rate rate;
    const SwarmResult result = Swarm(arena, plan).run();
    const std::uint64_t before = std::exchange(allocations, arena.allocations(kAllocations));
    ours += rate.of(allocations - before);
    flock += rate_of_flock_calls(arena, plan.processes, kTurn);
    sum.stuck += result.stuck;
    sum.failed += result.failed;
    sum.took += result.took;
  }
  const bool good = report("calm", arena, sum, fmt::format("{} allocations", allocations));
  const double rate = ours.per_second() / flock.per_second();
  fmt::print("calm: {}; the same loop in flock(1) calls: {}: {:.2f} times (target {:g})\n", text(ours),
             text(flock), rate, kLeastRate);
  return good && kLeastRate <= times * rate;
}

}  // namespace

int main(int argc, char** argv) try {
  if (const auto code = worker_exit_code(argc, argv)) return *code;
  const Arguments arguments(argc, argv,
                            {"processes", "boards", "allocations", "seconds", "kill-every", "stop-one-in",
                             "seed", "rush", "peer-seconds", "check"},
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
  if (const std::chrono::seconds time(arguments.number("peer-seconds", 5)); time.count() > 0)
    good &= compare_with_flock(plan, arena.boards(), time, arguments.times());
  return good && allocations > 0 ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "witness: {}\n", error.what());
  return 1;
}
