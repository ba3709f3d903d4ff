// What a crowd that waits costs: a hand-over to one of many beside one to a single waiter, and what a
// thousand who wait take of processor and memory.
#include <fcntl.h>
#include <fmt/core.h>
#include <lockable/lockable.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "arguments.h"
#include "figures.h"
#include "support/temp_folder.h"

extern char** environ;

namespace {

using namespace lockable;
using namespace lockable::bench;
using namespace std::chrono_literals;

constexpr const char* kUsage =
    "lockable_crowd_bench --lockable PATH [--rounds 21] [--crowd 256] [--waiting 1000] [--seconds 20] "
    "[--check [TIMES]]";
constexpr double kMostRatio = 3;       // of a hand-over in a crowd to one to a single waiter
constexpr double kMostOfACore = 0.01;  // all that wait together
constexpr double kMostMemory = 5;      // MB (PSS) each

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// When this program was started, in a file of the process.
int stamp(const std::string& folder) {
  const auto now = BootClock::now().time_since_epoch().count();
  std::ofstream(folder + "/." + std::to_string(::getpid())) << now;
  std::filesystem::rename(folder + "/." + std::to_string(::getpid()),
                          folder + "/" + std::to_string(::getpid()));
  return 0;
}

class Crowd {
 public:
  Crowd(std::string lockable, std::string folder)
      : lockable_(std::move(lockable)), folder_(std::move(folder)) {
    std::filesystem::create_directories(stamps());
    std::ofstream(folder_ + "/resources.json") << R"([{"id":"board","hostname":"bench","online":true}])";
  }
  ~Crowd() {
    for (const pid_t pid : waiting_) ::kill(pid, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0) continue;
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  Options options(int priority) const {
    Options options;
    options.resources = folder_ + "/resources.json";
    options.hostname = "bench";
    options.lock_folder = folder_ + "/locks";
    options.adopt = false;
    options.priority = priority;
    return options;
  }
  std::string stamps() const { return folder_ + "/stamps"; }
  const std::set<pid_t>& waiting() const { return waiting_; }

  // Starts as many as are missing, and returns once all are in the queue and asleep.
  void fill(std::size_t count) {
    await([&] {
      while (waiting_.size() < count) start();
      return tickets() == count;
    });
    for (const pid_t pid : waiting_) await([&] { return asleep(pid); });
    std::this_thread::sleep_for(20ms);
  }

  // From the release to the start of the command of whoever got it.
  Micros hand_over(Allocation board) {
    std::filesystem::remove_all(stamps());
    std::filesystem::create_directories(stamps());
    const auto released = BootClock::now();
    board.unlock();
    std::string stamp;
    await([&] {
      for (const auto& entry : std::filesystem::directory_iterator(stamps()))
        if (entry.path().filename().string().front() != '.') stamp = entry.path();
      return !stamp.empty();
    });
    return BootClock::duration(std::stoll(read_all(stamp))) - released.time_since_epoch();
  }

 private:
  void start() {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> argv{lockable_,
                                  "--lock-folder",
                                  folder_ + "/locks",
                                  "--resources",
                                  folder_ + "/resources.json",
                                  "--hostname",
                                  "bench",
                                  "--timeout",
                                  "600",
                                  "--",
                                  self,
                                  "--stamp",
                                  stamps()};
    std::vector<char*> pointers;
    for (std::string& word : argv) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t pid = -1;
    if (::posix_spawn(&pid, pointers[0], &actions, nullptr, pointers.data(), environ) != 0)
      throw std::runtime_error("cannot start " + lockable_);
    ::posix_spawn_file_actions_destroy(&actions);
    waiting_.insert(pid);
  }

  void reap() {
    for (pid_t pid = 0; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;) waiting_.erase(pid);
  }

  std::size_t tickets() const {
    std::size_t count = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/locks/.lockable/queue", none))
      if (entry.path().filename().string().front() != '.') ++count;
    return count;
  }

  static bool asleep(pid_t pid) {
    const std::string stat = read_all("/proc/" + std::to_string(pid) + "/stat");
    const auto end = stat.rfind(')');
    return end != std::string::npos && stat.compare(end, 3, ") S") == 0;
  }

  template <typename Condition>
  void await(Condition condition) {
    const auto until = BootClock::now() + 120s;
    while (!condition()) {
      if (BootClock::now() > until) throw std::runtime_error("waited in vain for the crowd");
      std::this_thread::sleep_for(200us);
      reap();
    }
  }

  std::string lockable_;
  std::string folder_;
  std::set<pid_t> waiting_;
};

// The holder comes back with priority, before those who wait.
Micros hand_over(Crowd& crowd, std::size_t waiting, int rounds) {
  Lockable holder(crowd.options(kMostPriority));
  Times times;
  for (int i = -1; i < rounds; ++i) {
    Allocation board = holder.lock("{}", 60s);
    crowd.fill(waiting);
    const Micros time = crowd.hand_over(std::move(board));
    if (i >= 0) times.add(time);
  }
  return times.median();
}

double processor_seconds(pid_t pid) {
  const std::string stat = read_all("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// MB; proc(5), smaps_rollup.
double memory(pid_t pid) {
  std::istringstream lines(read_all("/proc/" + std::to_string(pid) + "/smaps_rollup"));
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("Pss:", 0) == 0) return std::stod(line.substr(4)) / 1024;
  return 0;
}

struct Idle {
  double of_a_core = 0;
  double most_memory = 0;
};

Idle measure_waiting(Crowd& crowd, std::size_t waiting, std::chrono::seconds time) {
  Lockable holder(crowd.options(kMostPriority));
  const Allocation board = holder.lock("{}", 60s);
  crowd.fill(waiting);
  std::this_thread::sleep_for(6s);  // they settle: those far behind look every five seconds
  const auto used = [&crowd] {
    double sum = 0;
    for (const pid_t pid : crowd.waiting()) sum += processor_seconds(pid);
    return sum;
  };
  Idle idle;
  const double before = used();
  std::this_thread::sleep_for(time);
  idle.of_a_core = (used() - before) / static_cast<double>(time.count());
  for (const pid_t pid : crowd.waiting()) idle.most_memory = std::max(idle.most_memory, memory(pid));
  return idle;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 3 && std::string(argv[1]) == "--stamp") return stamp(argv[2]);
  const Arguments arguments(argc, argv, {"lockable", "rounds", "crowd", "waiting", "seconds", "check"},
                            kUsage);
  const std::string lockable = std::filesystem::absolute(arguments.text("lockable", "lockable")).string();
  const auto rounds = static_cast<int>(arguments.number("rounds", 21));
  const auto many = arguments.number("crowd", 256);
  const auto waiting = arguments.number("waiting", 1000);
  const double times = arguments.times();
  const lockable::testing::TempFolder folder;
  bool good = true;
  {
    Crowd crowd(lockable, folder / "hand-over");
    const Micros one = hand_over(crowd, 1, rounds), of_many = hand_over(crowd, many, rounds);
    fmt::print("hand-over to one waiter: {:.0f} us, to one of {}: {:.0f} us: {:.2f} times (target {})\n",
               one.count(), many, of_many.count(), of_many / one, kMostRatio);
    good = of_many / one <= times * kMostRatio;
  }
  std::fflush(stdout);
  Crowd crowd(lockable, folder / "waiting");
  const Idle idle = measure_waiting(crowd, waiting, std::chrono::seconds(arguments.number("seconds", 20)));
  fmt::print(
      "{} that wait: {:.2f} % of one core together (target {:.0f}), at most {:.1f} MB each (target {:.0f})\n",
      waiting, idle.of_a_core * 100, kMostOfACore * 100, idle.most_memory, kMostMemory);
  good &= idle.of_a_core <= times * kMostOfACore && idle.most_memory <= times * kMostMemory;
  return good ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "crowd: {}\n", error.what());
  return 2;
}
