#include "flock_calls.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <random>
#include <system_error>

extern char** environ;

namespace lockable::bench {
namespace {

pid_t start(const Arena& arena, std::mt19937& random) {
  std::string flock = "flock", sleep = "sleep";
  std::string board = arena.file(fmt::format("flock-{}", random() % arena.boards()));
  std::string time = fmt::format("0.{:06}", random() % 2000);  // s; as long as a worker holds a board
  char* argv[] = {flock.data(), board.data(), sleep.data(), time.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0], nullptr, nullptr, argv, environ);
  if (error != 0) throw std::system_error(error, std::generic_category(), "starting flock");
  return pid;
}

}  // namespace

double flock_calls_per_second(const Arena& arena, unsigned processes, std::chrono::seconds time) {
  std::mt19937 random(1);
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [&began] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
  };
  unsigned running = 0, ended = 0;
  while (running > 0 || passed() < time) {
    while (running < processes && passed() < time) {
      start(arena, random);
      ++running;
    }
    int status = 0;
    if (::waitpid(-1, &status, 0) < 0) break;
    --running;
    if (status != 0) throw std::runtime_error("flock failed");
    ++ended;
  }
  return ended / passed().count();
}

}  // namespace lockable::bench
