/// \file
/// Many short-lived processes at once: a new one for each allocation, some of them killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "arena.h"

namespace lockable::bench {

struct SwarmPlan {
  unsigned processes = 32;  ///< running at once
  unsigned seed = 1;
  bool rush = false;                                    ///< workers try again and again instead of queueing
  bool pauses = true;                                   ///< every other worker pauses now and then (pauses.h)
  std::uint64_t allocations = 0;                        ///< to stop after …
  std::optional<std::chrono::seconds> seconds;          ///< … or instead, when given
  unsigned kill_one_in = 0;                             ///< kill about every n-th; 0: none
  std::optional<std::chrono::milliseconds> kill_every;  ///< instead: at this interval in the mean
  unsigned stop_one_in = 0;  ///< stop about every n-th for up to kLongestStop; 0: none
  std::function<std::uint64_t()> allocations_so_far;
};

struct SwarmResult {
  std::uint64_t started = 0;
  std::uint64_t kills = 0;   ///< that met a worker before its end
  std::uint64_t stops = 0;   ///< that met a worker before its end
  std::uint64_t stuck = 0;   ///< workers that waited in vain, or did not end
  std::uint64_t failed = 0;  ///< workers that ended in any other way they should not
  std::chrono::duration<double> took{0};
};

constexpr std::chrono::milliseconds kLongestStop{
    1500};  ///< others pass one over that does not answer for 1 s

/// Starts this very program as `<program> --once <folder> <boards> <seed> <rush> <pausing>` over and over.
/// Reaps only what it started. One thread; SIGCHLD is blocked in it.
class Swarm {
 public:
  Swarm(const Arena& arena, SwarmPlan plan);
  /// Blocks until the plan is fulfilled and the last worker has ended.
  SwarmResult run();

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Worker {
    Time started;
    bool killed = false;
    std::optional<Time> continue_at;  ///< stopped until then
  };

  bool enough() const;
  void start();
  void plan_kill(Time now);
  void await_event() const;
  void reap();
  void count(int status, bool killed);
  void kill_one();
  void stop_one(Time now);
  void continue_some(Time now);
  std::map<pid_t, Worker>::iterator any();
  void kill_overdue();
  std::chrono::nanoseconds up_to(std::chrono::nanoseconds most);

  const Arena& arena_;
  const SwarmPlan plan_;
  const Time began_;
  std::string program_;
  std::map<pid_t, Worker> running_;
  std::optional<Time> next_kill_, next_stop_;
  std::mt19937 random_;
  SwarmResult result_;
};

/// When this program was started as a worker, works and returns its exit code.
std::optional<int> worker_exit_code(int argc, const char* const* argv);

/// Prints one line about what happened, and before it what should not have. `detail` goes into the line.
/// False when anything was wrong: an overlap, an error, or something still held or queued afterwards.
bool report(const std::string& name, const Arena& arena, const SwarmResult& result,
            const std::string& detail);

}  // namespace lockable::bench
