#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "swarm.h"

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLinesShown = 10;
// A ticket that was never finished, since its owner was killed in between, is swept when it is 10 s old.
constexpr auto kSweptAfter = 20s;

std::size_t show(const Arena& arena, const std::string& what) {
  const std::vector<std::string> lines = arena.lines(what);
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesShown); ++i)
    fmt::print(stderr, "{}: {}\n", what, lines[i]);
  return lines.size();
}

std::size_t queued(const Arena& arena) {
  const std::filesystem::directory_iterator names(arena.locks() + "/.lockable/queue");
  return static_cast<std::size_t>(std::distance(begin(names), end(names)));
}

// All boards can be had at once, and the queue is empty then.
bool nothing_remains(const Arena& arena) try {
  Lockable lab(arena.options());
  const auto until = std::chrono::steady_clock::now() + kSweptAfter;
  for (;;) {
    const auto all = lab.lock_many(arena.any(arena.boards()), 5s);
    if (queued(arena) == 0) return true;
    if (std::chrono::steady_clock::now() > until) break;
    std::this_thread::sleep_for(100ms);
  }
  fmt::print(stderr, "{} files remain in the queue\n", queued(arena));
  return false;
} catch (const std::exception& error) {
  fmt::print(stderr, "afterwards: {}\n", error.what());
  return false;
}

double milliseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string waits(const Arena& arena) {
  std::vector<std::int64_t> times = arena.queue_times(kAllocations);
  if (times.empty()) return "nobody waited";
  std::sort(times.begin(), times.end());
  return fmt::format("waited {:.1f} ms in the median, {:.0f} ms at most",
                     milliseconds(times[times.size() / 2]), milliseconds(times.back()));
}

}  // namespace

bool report(const std::string& name, const Arena& arena, const SwarmResult& result,
            const std::string& detail) {
  const std::size_t overlaps = show(arena, kOverlaps), broken = show(arena, kBroken);
  const bool clean = nothing_remains(arena);
  fmt::print(
      "{}: overlaps {} in {}; kills {}, stops {}, cleaned after a kill {}, stuck {}, errors {}{}; {}; {:.1f} "
      "s\n",
      name, overlaps, detail, result.kills, result.stops, arena.lines(kCleaned).size(), result.stuck,
      result.failed + broken, clean ? "" : ", something remains held or queued", waits(arena),
      result.took.count());
  return overlaps == 0 && broken == 0 && result.stuck == 0 && result.failed == 0 && clean;
}

}  // namespace lockable::bench
