// The figures of the command, beside flock(1).
#include <fcntl.h>
#include <lockable/lockable.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "figures.h"

extern char** environ;

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;
using Argv = std::vector<std::string>;

constexpr auto kSettle = 5ms;  // a waiter that blocks may still be about to do something else

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A command whose stderr goes to a file.
class Child {
 public:
  Child(const Setup& setup, Argv argv) : errors_(setup.folder + "/stderr"), name_(argv[0]) {
    std::vector<char*> pointers;
    for (std::string& word : argv) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0644);
    const int error = ::posix_spawnp(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot start " + name_);
  }

  pid_t pid() const { return pid_; }

  void wait() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      throw std::runtime_error(name_ + " failed: " + errors());
  }

  void await_blocked(const std::function<bool()>& blocked) const {
    const auto until = BootClock::now() + 10s;
    while (!blocked()) {
      if (BootClock::now() > until) throw std::runtime_error(name_ + " does not wait: " + errors());
      std::this_thread::sleep_for(500us);
    }
    std::this_thread::sleep_for(kSettle);
  }

 private:
  std::string errors() const { return read_all(errors_); }
  std::string errors_;
  std::string name_;
  pid_t pid_ = -1;
};

// One resource in one lock folder, and how to ask for it.
struct Lab {
  explicit Lab(const Setup& setup)
      : locks(setup.folder + "/locks"), inventory(setup.folder + "/resources.json") {
    std::ofstream(inventory) << R"([{"id":"board","hostname":"bench","online":true}])";
  }
  Argv command(const Setup& setup, const Argv& rest) const {
    Argv argv{setup.lockable, "--lock-folder",  locks, "--resources", inventory, "--hostname",
              "bench",        "--requirements", "{}",  "--timeout",   "60",      "--"};
    argv.insert(argv.end(), rest.begin(), rest.end());
    return argv;
  }
  Options options() const {
    Options options;
    options.resources = inventory;
    options.hostname = "bench";
    options.lock_folder = locks;
    options.adopt = false;
    return options;
  }
  std::string locks;
  std::string inventory;
};

// proc(5): "… -> FLOCK  ADVISORY  WRITE <pid> …" is somebody blocked.
bool waits_in_flock(pid_t pid) {
  std::istringstream locks(read_all("/proc/locks"));
  for (std::string line; std::getline(locks, line);) {
    if (line.find("-> FLOCK") != std::string::npos &&
        line.find(" " + std::to_string(pid) + " ") != std::string::npos)
      return true;
  }
  return false;
}

bool sleeps(pid_t pid) {
  const std::string stat = read_all("/proc/" + std::to_string(pid) + "/stat");
  const auto end = stat.rfind(')');
  return end != std::string::npos && stat.compare(end, 3, ") S") == 0;
}

bool has_ticket(const std::string& locks) {
  for (const auto& entry : std::filesystem::directory_iterator(locks + "/.lockable/queue"))
    if (entry.path().filename().string().front() != '.') return true;
  return false;
}

Micros since(BootClock::time_point start, const std::string& stamp) {
  return BootClock::duration(std::stoll(read_all(stamp))) - start.time_since_epoch();
}

Micros hand_over_by_flock(const Setup& setup) {
  const std::string path = setup.folder + "/flock", stamp = setup.folder + "/stamp";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || ::flock(fd, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path);
  const Child waiter(setup, {"flock", path, setup.self, "--stamp", stamp});
  waiter.await_blocked([&] { return waits_in_flock(waiter.pid()); });
  const auto released = BootClock::now();
  ::flock(fd, LOCK_UN);
  waiter.wait();
  ::close(fd);
  return since(released, stamp);
}

Micros hand_over_by_lockable(const Setup& setup, const Lab& lab, Lockable& holder) {
  const std::string stamp = setup.folder + "/stamp";
  Allocation board = holder.lock("{}", 0s);
  const Child waiter(setup, lab.command(setup, {setup.self, "--stamp", stamp}));
  waiter.await_blocked([&] { return has_ticket(lab.locks) && sleeps(waiter.pid()); });
  const auto released = BootClock::now();
  board.unlock();
  waiter.wait();
  return since(released, stamp);
}

Micros run(const Setup& setup, const Argv& argv) {
  const auto start = BootClock::now();
  Child(setup, argv).wait();
  return BootClock::now() - start;
}

constexpr int kWarmUp = 3;

}  // namespace

Figure hand_over(const Setup& setup) {
  const Lab lab(setup);
  Lockable holder(lab.options());
  Times ours, peer;
  for (int i = -kWarmUp; i < setup.rounds; ++i) {
    const Micros flock = hand_over_by_flock(setup), lockable = hand_over_by_lockable(setup, lab, holder);
    if (i < 0) continue;
    peer.add(flock);
    ours.add(lockable);
  }
  const Micros a = ours.median(), b = peer.median();
  return {"release to start of the waiter's command", a, b, a / b, 1.5, "flock f cmd"};
}

Figure whole_command(const Setup& setup) {
  const Lab lab(setup);
  const Argv lockable_true = lab.command(setup, {"true"});
  const Argv flock_true{"flock", setup.folder + "/flock", "true"};
  Times ours, peer;
  for (int i = -kWarmUp; i < setup.rounds; ++i) {
    const Micros flock = run(setup, flock_true), lockable = run(setup, lockable_true);
    if (i < 0) continue;
    peer.add(flock);
    ours.add(lockable);
  }
  const Micros a = ours.median(), b = peer.median();
  return {"whole command, which does nothing", a, b, a / b, 2, "flock f true"};
}

}  // namespace lockable::bench
