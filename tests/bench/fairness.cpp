// Is everybody served alike? Long-lived processes that lock and unlock in a loop without pause: one board,
// then boards held for a while, then the same two boards by several at once.
#include <fmt/core.h>
#include <lockable/lockable.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "arguments.h"
#include "support/temp_folder.h"

namespace {

using namespace lockable;
using namespace lockable::bench;
using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr const char* kUsage =
    "lockable_fairness_bench [--processes 32] [--seconds 10] [--rounds 10000] [--check [TIMES]]";
constexpr double kLeastIndex = 0.99;

// What the processes tell, in memory that they share.
struct Told {
  std::atomic<std::uint64_t> allocations;
  std::atomic<std::int64_t> longest_wait;  // ns
  std::atomic<std::uint64_t> faults;
};

class Processes {
 public:
  explicit Processes(unsigned count) : count_(count) {
    void* memory = ::mmap(nullptr, sizeof(Told) * count + sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory");
    told_ = static_cast<Told*>(memory);
    stop_ = reinterpret_cast<std::atomic<bool>*>(told_ + count);
  }

  // Runs `work` in each until the time is over, or until it returns.
  void run(Seconds time, const std::function<void(Told&, const std::atomic<bool>& stop)>& work) {
    std::set<pid_t> pids;
    for (unsigned i = 0; i < count_; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        try {
          work(told_[i], *stop_);
        } catch (const std::exception& error) {
          fmt::print(stderr, "process {}: {}\n", i, error.what());
          ++told_[i].faults;
        }
        ::_exit(0);
      }
      pids.insert(pid);
    }
    if (time > 0s) std::this_thread::sleep_for(time);
    *stop_ = time > 0s;
    for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  }

  std::uint64_t allocations() const { return sum(&Told::allocations); }
  std::uint64_t faults() const { return sum(&Told::faults); }
  Seconds longest_wait() const {
    std::int64_t longest = 0;
    for (unsigned i = 0; i < count_; ++i) longest = std::max(longest, told_[i].longest_wait.load());
    return std::chrono::nanoseconds(longest);
  }
  // Jain, Chiu and Hawe: 1 when all get the same, 1/n when one gets all.
  double index() const {
    double total = 0, squares = 0;
    for (unsigned i = 0; i < count_; ++i) {
      const auto one = static_cast<double>(told_[i].allocations.load());
      total += one;
      squares += one * one;
    }
    return squares == 0 ? 0 : total * total / (count_ * squares);
  }

 private:
  std::uint64_t sum(std::atomic<std::uint64_t> Told::*what) const {
    std::uint64_t total = 0;
    for (unsigned i = 0; i < count_; ++i) total += (told_[i].*what).load();
    return total;
  }

  unsigned count_;
  Told* told_;
  std::atomic<bool>* stop_;
};

Options options(const std::string& folder, unsigned boards) {
  Options options;
  options.resources = Json::array();
  for (unsigned i = 0; i < boards; ++i)
    options.resources.push_back({{"id", fmt::format("board{}", i)}, {"hostname", "bench"}, {"online", true}});
  options.hostname = "bench";
  options.lock_folder = folder;
  options.adopt = false;
  return options;
}

void lock_in_a_loop(const Options& options, Seconds hold, Told& told, const std::atomic<bool>& stop) {
  Lockable lab(options);
  while (!stop) {
    const auto start = BootClock::now();
    Allocation board = lab.lock("{}", 120s);
    told.longest_wait = std::max(told.longest_wait.load(), (BootClock::now() - start).count());
    ++told.allocations;
    if (hold > 0s) std::this_thread::sleep_for(hold);
  }
}

bool without_pause(const std::string& folder, unsigned processes, Seconds time, double times) {
  Processes all(processes);
  all.run(time, [&](Told& told, const auto& stop) { lock_in_a_loop(options(folder, 1), 0s, told, stop); });
  fmt::print(
      "{} processes, one board, no pause: {} allocations in {:.0f} s, Jain's index {:.4f} (target {}), {} "
      "errors\n",
      processes, all.allocations(), time.count(), all.index(), kLeastIndex, all.faults());
  return kLeastIndex <= times * all.index() && all.faults() == 0;
}

bool with_a_hold(const std::string& folder, unsigned processes, unsigned boards, Seconds time, double times) {
  constexpr Seconds kHold = 20ms;
  Processes all(processes);
  all.run(time,
          [&](Told& told, const auto& stop) { lock_in_a_loop(options(folder, boards), kHold, told, stop); });
  // What of a board's time was not holding, is hand-over.
  const Seconds each = time * boards / static_cast<double>(all.allocations());
  const Seconds most = 2.0 * processes / boards * each;
  fmt::print(
      "{} processes, {} board(s), 20 ms hold: hand-over {:.2f} ms, longest wait {:.0f} ms (target {:.0f}), "
      "Jain's index {:.4f}, {} errors\n",
      processes, boards, std::max(0.0, (each - kHold).count()) * 1e3, all.longest_wait().count() * 1e3,
      most.count() * 1e3, all.index(), all.faults());
  return all.longest_wait() <= times * most && all.faults() == 0;
}

// Each asks for both boards, in one order or the other, and checks what it got.
bool pairs(const std::string& folder, unsigned rounds) {
  constexpr unsigned kProcesses = 8;
  Processes all(kProcesses);
  const auto start = BootClock::now();
  all.run(0s, [&](Told& told, const auto&) {
    Lockable lab(options(folder, 2));
    for (unsigned i = 0; i < rounds / kProcesses; ++i) {
      const bool turned = (static_cast<unsigned>(::getpid()) + i) % 2 == 0;
      const auto both =
          lab.lock_many({turned ? "id=board1" : "id=board0", turned ? "id=board0" : "id=board1"}, 60s);
      const bool right = both.size() == 2 && both[0].resource_id() == (turned ? "board1" : "board0") &&
                         both[1].resource_id() == (turned ? "board0" : "board1");
      told.faults += right ? 0 : 1;
      ++told.allocations;
    }
  });
  fmt::print("8 processes, the same two boards: {} rounds in {:.1f} s, {} timeouts or wrong boards\n",
             all.allocations(), Seconds(BootClock::now() - start).count(), all.faults());
  return all.faults() == 0 && all.allocations() == rounds / kProcesses * kProcesses;
}

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments(argc, argv, {"processes", "seconds", "rounds", "check"}, kUsage);
  const auto processes = static_cast<unsigned>(arguments.number("processes", 32));
  const Seconds time = std::chrono::seconds(arguments.number("seconds", 10));
  const double times = arguments.times();
  const lockable::testing::TempFolder folder;
  bool good = without_pause(folder / "one", processes, time, times);
  good &= with_a_hold(folder / "hold", processes, 1, time, times);
  good &= with_a_hold(folder / "boards", processes, 4, time, times);
  good &= pairs(folder / "pairs", static_cast<unsigned>(arguments.number("rounds", 10'000)));
  return good ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "fairness: {}\n", error.what());
  return 2;
}
