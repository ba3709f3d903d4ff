// Does a resource ever have two users? Processes by the thousand, one for each allocation, some killed.
#include <fmt/core.h>

#include "arguments.h"
#include "support/temp_folder.h"
#include "swarm.h"

namespace {

using namespace lockable::bench;

constexpr const char* kUsage =
    "lockable_witness [--processes 32] [--boards 4] [--allocations 100000 | --seconds N] [--kill-every MS] "
    "[--seed N] [--rush]";

SwarmPlan read_plan(const Arguments& arguments) {
  SwarmPlan plan;
  plan.processes = static_cast<unsigned>(arguments.number("processes", 32));
  plan.seed = static_cast<unsigned>(arguments.number("seed", 1));
  plan.allocations = arguments.number("allocations", 100'000);
  if (arguments.has("seconds")) plan.seconds = std::chrono::seconds(arguments.number("seconds", 0));
  plan.rush = arguments.has("rush");
  plan.kill_one_in = 20;
  if (arguments.has("kill-every"))
    plan.kill_every = std::chrono::milliseconds(arguments.number("kill-every", 0));
  return plan;
}

}  // namespace

int main(int argc, char** argv) try {
  if (const auto code = worker_exit_code(argc, argv)) return *code;
  const Arguments arguments(
      argc, argv, {"processes", "boards", "allocations", "seconds", "kill-every", "seed", "rush"}, kUsage);
  const lockable::testing::TempFolder folder;
  const Arena arena(folder.path(), static_cast<unsigned>(arguments.number("boards", 4)));
  arena.make();
  SwarmPlan plan = read_plan(arguments);
  plan.allocations_so_far = [&arena] { return arena.allocations(kAllocations); };
  const SwarmResult result = Swarm(arena, plan).run();
  const auto allocations = arena.allocations(kAllocations);
  const bool good = report("witness", arena, result,
                           fmt::format("{} allocations ({} processes, {} at a time, {} boards)", allocations,
                                       result.started, plan.processes, arena.boards()));
  return good && allocations > 0 ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "witness: {}\n", error.what());
  return 1;
}
