#include "flock_calls.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>
#include <random>
#include <system_error>
#include <vector>

extern char** environ;

namespace lockable::bench {
namespace {

pid_t start(const Arena& arena, const std::string& program, std::mt19937& random) {
  const std::string board = fmt::format("board{}", random() % arena.boards() + 1);
  std::vector<std::string> words{"flock",
                                 arena.file("flock-" + board),
                                 program,
                                 "--held",
                                 arena.folder(),
                                 std::to_string(arena.boards()),
                                 std::to_string(random() % 100'000),
                                 board};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ);
  if (error != 0) throw std::system_error(error, std::generic_category(), "starting flock");
  return pid;
}

}  // namespace

Rate::Figures rate_of_flock_calls(const Arena& arena, unsigned processes, std::chrono::seconds time) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::mt19937 random(1);
  const Rate rate;
  const auto until = std::chrono::steady_clock::now() + time;
  const auto going_on = [until] { return std::chrono::steady_clock::now() < until; };
  unsigned running = 0, ended = 0;
  while (running > 0 || going_on()) {
    while (running < processes && going_on()) {
      start(arena, program, random);
      ++running;
    }
    int status = 0;
    if (::waitpid(-1, &status, 0) < 0) break;
    --running;
    if (status != 0) throw std::runtime_error("flock failed");
    ++ended;
  }
  return rate.of(ended);
}

}  // namespace lockable::bench
