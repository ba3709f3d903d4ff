#include "platform/identity.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>

#include "platform/accounts.h"
#include "platform/file.h"

namespace lockable::platform {
namespace {

std::string read_proc(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file ? read_start(file.get(), 4096, path) : "";
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// The next one of those that spaces divide, taken from the text.
std::string_view take_field(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view field = text.substr(0, text.find(' '));
  text.remove_prefix(field.size());
  return field;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

std::unique_ptr<Identity> describe_self() {
  auto me = std::make_unique<Identity>();
  me->pid = ::getpid();
  if (const auto status = process_status(me->pid)) {
    me->start_time = status->start_time;
    me->command = status->name;
  }
  me->boot_id = trimmed(read_proc("/proc/sys/kernel/random/boot_id"));
  struct stat raw {};
  if (::stat("/proc/self/ns/pid", &raw) == 0) me->pid_namespace = raw.st_ino;
  me->user = user_name(own_user());
  me->host = host_name();
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

std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number))
    throw_errno("cannot get a random number");
  return number;
}

int own_thread() noexcept { return static_cast<int>(::gettid()); }

bool alive(long pid) {
  if (pid < 1) return false;
  if (::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  const auto status = process_status(pid);
  return !status || !status->dead;
}

// proc(5): "pid (comm) state ppid …"; comm may contain anything, so read to the last ')'.
std::optional<ProcessStatus> process_status(long pid) {
  std::string text;
  try {
    text = read_proc("/proc/" + std::to_string(pid) + "/stat");
  } catch (const SystemError&) {  // ESRCH: it went away while we read
    return std::nullopt;
  }
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  std::string_view rest = std::string_view(text).substr(close + 1);
  ProcessStatus status;
  status.name = text.substr(open + 1, close - open - 1);
  const std::string_view state = take_field(rest);
  const bool has_parent = read_number(take_field(rest), status.parent);
  for (int field = 5; field < 22; ++field) take_field(rest);
  if (!has_parent || !read_number(take_field(rest), status.start_time)) return std::nullopt;
  status.dead = state == "Z" || state == "X";
  status.stopped = state == "T" || state == "t";
  return status;
}

std::optional<std::uint64_t> start_time(long pid) {
  const auto status = process_status(pid);
  if (!status) return std::nullopt;
  return status->start_time;
}

std::vector<ProcessKey> ancestors() {
  std::vector<ProcessKey> result;
  for (int pid = ::getppid(); pid > 0;) {
    const auto status = process_status(pid);
    if (!status) break;
    result.push_back({pid, status->start_time});
    pid = status->parent;
  }
  return result;
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

namespace {

std::vector<std::string> read_command_line(const std::string& process) {
  std::vector<std::string> words;
  std::string text;
  try {
    text = read_file("/proc/" + process + "/cmdline");
  } catch (const SystemError&) {
    return words;
  }
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find('\0', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

std::vector<std::string> command_line() {
  std::vector<std::string> words = read_command_line("self");
  if (!words.empty()) words.erase(words.begin());
  return words;
}

std::vector<std::string> parent_command_line() { return read_command_line(std::to_string(::getppid())); }

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "localhost";
  return name;
}

}  // namespace lockable::platform
