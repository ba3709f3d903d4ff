// Prints what lockable costs, beside flock(1) and the bare system calls.
#include "figures.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <lockable/clock.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "arguments.h"
#include "support/temp_folder.h"

namespace {

using namespace lockable::bench;

constexpr const char* kUsage = "lockable_figures --lockable PATH [--rounds 101] [--check [TIMES]]";

// When this program was started, for whoever started it.
int stamp(const char* path) {
  const std::string text = std::to_string(lockable::BootClock::now().time_since_epoch().count());
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  return fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1;
}

// What a surrounding program allocated or set as defaults would be measured as well.
void forget_surroundings() {
  for (const char* name : {"LOCKABLE_ALLOCATIONS", "LOCKABLE_ALLOCATIONS_FILE", "LOCKABLE_STORE",
                           "LOCKABLE_LOCK_FOLDER", "LOCKABLE_RESOURCES", "LOCKABLE_PRIORITY"})
    ::unsetenv(name);
}

bool print(const Figure& figure, double times) {
  const bool met = figure.ratio <= figure.target;
  fmt::print("{:<44} {:>10.1f} {:>10.1f} {:>6.2f} {:>7.1f}  {:<6}  {}\n", figure.what, figure.ours.count(),
             figure.peer.count(), figure.ratio, figure.target, met ? "ok" : "MISSED", figure.remark);
  std::fflush(stdout);
  return figure.ratio <= times * figure.target;
}

bool measure_all(const Setup& setup, double times) {
  fmt::print("{:<44} {:>10} {:>10} {:>6} {:>7}  {:<6}  {}\n", "medians", "ours/us", "peer/us", "ratio",
             "target", "", "peer");
  bool good = print(lock_and_unlock(setup), times);
  good &= print(whole_command(setup), times);
  good &= print(hand_over(setup), times);
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 3 && std::string(argv[1]) == "--stamp") return stamp(argv[2]);
  const Arguments arguments(argc, argv, {"lockable", "rounds", "check"}, kUsage);
  forget_surroundings();
  const lockable::testing::TempFolder folder;
  Setup setup;
  setup.lockable = std::filesystem::absolute(arguments.text("lockable", "lockable")).string();
  setup.self = std::filesystem::read_symlink("/proc/self/exe").string();
  setup.folder = folder.path();
  setup.rounds = static_cast<int>(arguments.number("rounds", 101));
  return measure_all(setup, arguments.times()) ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "figures: {}\n", error.what());
  return 2;
}
