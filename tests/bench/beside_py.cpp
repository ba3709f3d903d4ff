// C++ processes and one py-lockable in one lock folder: does a resource ever have two users?
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>

#include "arguments.h"
#include "support/process.h"
#include "support/temp_folder.h"
#include "swarm.h"

namespace {

using namespace lockable::bench;
using lockable::testing::Process;

constexpr const char* kUsage =
    "lockable_beside_py [--allocations 50000 | --seconds N] [--processes 6] [--boards 2] [--kill-every MS] "
    "[--seed N] [--rush] [--python PROGRAM] [--script py_protocol.py]";
constexpr const char* kAllocationsPy = "allocations-py";

SwarmPlan read_plan(const Arguments& arguments, const Arena& arena) {
  SwarmPlan plan;
  plan.processes = static_cast<unsigned>(arguments.number("processes", 6));
  plan.seed = static_cast<unsigned>(arguments.number("seed", 1));
  plan.allocations = arguments.number("allocations", 50'000);
  if (arguments.has("seconds")) plan.seconds = std::chrono::seconds(arguments.number("seconds", 0));
  if (arguments.has("kill-every"))
    plan.kill_every = std::chrono::milliseconds(arguments.number("kill-every", 0));
  plan.rush = arguments.has("rush");
  plan.allocations_so_far = [&arena] {
    return arena.allocations(kAllocations) + arena.allocations(kAllocationsPy);
  };
  return plan;
}

// True when it ran until it was asked to end, without an error.
bool end_python(Process& python) {
  python.kill(SIGTERM);
  const auto ended = python.wait();
  if (ended.exit_code != 0) fmt::print(stderr, "Python ended with {}:\n{}", ended.exit_code, ended.err);
  return ended.exit_code == 0;
}

bool run(const Arguments& arguments, const Arena& arena) {
  Process python(
      {{arguments.text("python", "python3"), arguments.text("script", LOCKABLE_BENCH_PY_PROTOCOL),
        arena.folder(), std::to_string(arena.boards()), std::to_string(arguments.number("seed", 1))},
       {},
       {},
       {}});
  const SwarmResult result = Swarm(arena, read_plan(arguments, arena)).run();
  const bool python_good = end_python(python);
  const auto cpp = arena.allocations(kAllocations), py = arena.allocations(kAllocationsPy);
  const bool good =
      report("beside_py", arena, result, fmt::format("{} (python {}, c++ {})", cpp + py, py, cpp));
  const bool both = std::min(cpp, py) * 100 >= cpp + py && cpp > 0;
  if (!both) fmt::print(stderr, "one side got less than 1 % of the allocations\n");
  return good && python_good && both;
}

}  // namespace

int main(int argc, char** argv) try {
  if (const auto code = worker_exit_code(argc, argv)) return *code;
  const Arguments arguments(
      argc, argv,
      {"allocations", "seconds", "processes", "boards", "kill-every", "seed", "rush", "python", "script"},
      kUsage);
  const lockable::testing::TempFolder folder;
  const Arena arena(folder.path(), static_cast<unsigned>(arguments.number("boards", 2)));
  arena.make();
  return run(arguments, arena) ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "beside_py: {}\n", error.what());
  return 1;
}
