#include "swarm.h"

#include <fmt/core.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <iterator>
#include <system_error>

extern char** environ;

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kOverdue = 90s;     // a worker gives up by itself after 60 s
constexpr auto kKillWithin = 5ms;  // about the life of a worker

sigset_t child_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCHLD);
  return set;
}

}  // namespace

Swarm::Swarm(const Arena& arena, SwarmPlan plan)
    : arena_(arena),
      plan_(std::move(plan)),
      began_(Clock::now()),
      program_(std::filesystem::read_symlink("/proc/self/exe").string()),
      random_(plan_.seed) {
  const sigset_t set = child_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

SwarmResult Swarm::run() {
  while (!enough()) {
    while (running_.size() < plan_.processes) start();
    await_event();
    reap();
    const auto now = Clock::now();
    if (next_kill_ && *next_kill_ <= now) kill_one();
    if (next_stop_ && *next_stop_ <= now) stop_one(now);
    continue_some(now);
    kill_overdue();
  }
  while (!running_.empty()) {
    await_event();
    reap();
    continue_some(Clock::now());
    kill_overdue();
  }
  result_.took = Clock::now() - began_;
  return result_;
}

bool Swarm::enough() const {
  if (plan_.seconds) return Clock::now() - began_ >= *plan_.seconds;
  return plan_.allocations_so_far() >= plan_.allocations;
}

void Swarm::start() {
  ++result_.started;
  std::string boards = std::to_string(arena_.boards());
  std::string seed = std::to_string(plan_.seed * 1'000'003U + static_cast<unsigned>(result_.started));
  std::string once = "--once", folder = arena_.folder(), rush = plan_.rush ? "1" : "0";
  std::string pausing = plan_.pauses && result_.started % 2 == 0 ? "1" : "0";
  char* argv[] = {program_.data(), once.data(), folder.data(),  boards.data(),
                  seed.data(),     rush.data(), pausing.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program_.c_str(), nullptr, nullptr, argv, environ);
  if (error != 0) throw std::system_error(error, std::generic_category(), "starting " + program_);
  const auto now = Clock::now();
  running_.emplace(pid, Worker{now, false, {}});
  if (!next_kill_) plan_kill(now);
  if (plan_.stop_one_in != 0 && !next_stop_ && random_() % plan_.stop_one_in == 0)
    next_stop_ = now + up_to(kKillWithin);
}

void Swarm::plan_kill(Time now) {
  if (plan_.kill_every)
    next_kill_ = now + up_to(2 * *plan_.kill_every);
  else if (plan_.kill_one_in != 0 && random_() % plan_.kill_one_in == 0)
    next_kill_ = now + up_to(kKillWithin);
}

std::chrono::nanoseconds Swarm::up_to(std::chrono::nanoseconds most) {
  return std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(random_));
}

// Until a worker ends or a kill is due; at most 100 ms.
void Swarm::await_event() const {
  std::chrono::nanoseconds time = 100ms;
  for (const auto& next : {next_kill_, next_stop_})
    if (next) time = std::min<std::chrono::nanoseconds>(time, *next - Clock::now());
  const timespec limit{0, std::max<long>(time.count(), 0)};
  const sigset_t set = child_signals();
  ::sigtimedwait(&set, nullptr, &limit);
}

void Swarm::reap() {
  for (auto worker = running_.begin(); worker != running_.end();) {
    int status = 0;
    if (::waitpid(worker->first, &status, WNOHANG) == worker->first) {
      count(status, worker->second.killed);
      worker = running_.erase(worker);
    } else {
      ++worker;
    }
  }
}

void Swarm::count(int status, bool killed) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && killed) {
    ++result_.kills;
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == kWorkerStuck) {
    ++result_.stuck;
  } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    ++result_.failed;
    fmt::print(stderr, "a worker ended with status {:#x}\n", status);
  }
}

// Any of them, whatever it is doing: only its own children, not yet reaped.
void Swarm::kill_one() {
  next_kill_.reset();
  if (running_.empty()) return;
  const auto victim = any();
  victim->second.killed = true;
  ::kill(victim->first, SIGKILL);
}

void Swarm::stop_one(Time now) {
  next_stop_.reset();
  if (running_.empty()) return;
  const auto victim = any();
  if (victim->second.killed || victim->second.continue_at) return;
  ++result_.stops;
  victim->second.continue_at = now + up_to(kLongestStop);
  ::kill(victim->first, SIGSTOP);
}

void Swarm::continue_some(Time now) {
  for (auto& [pid, worker] : running_) {
    if (!worker.continue_at || *worker.continue_at > now) continue;
    worker.continue_at.reset();
    ::kill(pid, SIGCONT);
  }
}

std::map<pid_t, Swarm::Worker>::iterator Swarm::any() {
  return std::next(running_.begin(), static_cast<std::ptrdiff_t>(random_() % running_.size()));
}

void Swarm::kill_overdue() {
  for (auto& [pid, worker] : running_) {
    if (worker.killed || Clock::now() - worker.started < kOverdue) continue;
    fmt::print(stderr, "worker {} does not end\n", pid);
    ++result_.stuck;
    worker.killed = true;
    ::kill(pid, SIGKILL);
  }
}

std::optional<int> worker_exit_code(int argc, const char* const* argv) {
  const std::string how = argc > 1 ? argv[1] : "";
  if (how == "--held" && argc == 6)
    return work_held(Arena(argv[2], static_cast<unsigned>(std::stoul(argv[3]))), argv[5],
                     static_cast<unsigned>(std::stoul(argv[4])));
  if (how != "--once" || argc != 7) return std::nullopt;
  const Arena arena(argv[2], static_cast<unsigned>(std::stoul(argv[3])));
  return work_once(arena, static_cast<unsigned>(std::stoul(argv[4])), std::string(argv[5]) == "1",
                   std::string(argv[6]) == "1");
}

}  // namespace lockable::bench
