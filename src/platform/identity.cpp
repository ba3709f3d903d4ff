#include "platform/identity.h"

#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>

#include "platform/file.h"

namespace lockable::platform {
namespace {

std::string read_proc(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file ? read_start(file.get(), 4096, path) : "";
}

struct ProcStat {
  char state;
  std::uint64_t start_time;
};

// proc(5): "pid (comm) state ppid …"; comm may contain anything, so read from the last ')'.
std::optional<ProcStat> proc_stat(long pid) {
  std::string text;
  try {
    text = read_proc("/proc/" + std::to_string(pid) + "/stat");
  } catch (const SystemError&) {  // ESRCH: it went away while we read
    return std::nullopt;
  }
  auto at = text.rfind(')');
  if (at == std::string::npos || at + 2 >= text.size()) return std::nullopt;
  at += 2;
  const char state = text[at];
  for (int field = 3; field < 22; ++field) {
    at = text.find(' ', at);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  return ProcStat{state, std::strtoull(text.c_str() + at, nullptr, 10)};
}

std::string user_name() {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  if (::getpwuid_r(::geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(::geteuid());
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::unique_ptr<Identity> describe_self() {
  auto me = std::make_unique<Identity>();
  me->pid = ::getpid();
  if (const auto stat = proc_stat(me->pid)) me->start_time = stat->start_time;
  me->boot_id = trimmed(read_proc("/proc/sys/kernel/random/boot_id"));
  struct stat raw {};
  if (::stat("/proc/self/ns/pid", &raw) == 0) me->pid_namespace = raw.st_ino;
  me->user = user_name();
  me->host = host_name();
  me->command = trimmed(read_proc("/proc/self/comm"));
  return me;
}

}  // namespace

int own_pid() noexcept {
  static int pid = ::getpid();
  static const int once = ::pthread_atfork(nullptr, nullptr, [] { pid = ::getpid(); });
  (void)once;
  return pid;
}

const Identity& self() {
  static std::mutex mutex;
  static std::unique_ptr<Identity> identity;
  const std::lock_guard<std::mutex> guard(mutex);
  if (identity == nullptr || identity->pid != own_pid()) {
    identity.release();  // references of the parent's may live on in a forked child  // NOLINT
    identity = describe_self();
  }
  return *identity;
}

bool alive(long pid) {
  if (pid < 1) return false;
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  const auto stat = proc_stat(pid);
  return !stat || (stat->state != 'Z' && stat->state != 'X');
}

std::optional<std::uint64_t> start_time(long pid) {
  const auto stat = proc_stat(pid);
  if (!stat) return std::nullopt;
  return stat->start_time;
}

std::optional<WallTime> started_at(long pid) {
  const auto ticks = start_time(pid);
  const long per_second = ::sysconf(_SC_CLK_TCK);
  if (!ticks || per_second <= 0) return std::nullopt;
  const auto since_boot =
      std::chrono::nanoseconds(*ticks * (1000000000U / static_cast<std::uint64_t>(per_second)));
  const auto clock = Clock::system();
  return clock->wall() - (clock->now().time_since_epoch() - since_boot);
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

}  // namespace lockable::platform
