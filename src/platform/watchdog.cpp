#include "platform/watchdog.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "platform/child.h"
#include "platform/file.h"
#include "platform/identity.h"
#include "platform/wakeup.h"

namespace lockable::platform {
namespace {

using namespace std::chrono_literals;

constexpr auto kKillAgain = 20ms;  // what is born meanwhile
constexpr auto kLookForLife = 500ms;
constexpr auto kToGo = 1s;

/// What the watchdog does, in its own process.
class Watch {
 public:
  Watch(const WatchdogOrders& orders, const std::atomic<int>& group, pid_t guarded, int guarded_fd,
        int stop_fd)
      : orders_(orders), group_(group), guarded_(guarded), guarded_fd_(guarded_fd), stop_fd_(stop_fd) {}

  void run() {
    while (!readable(stop_fd_)) {
      const bool gone = readable(guarded_fd_);
      if (gone && (orders_.ends_us || !anybody_left())) return;
      const auto now = BootClock::now();
      const auto until = orders_.until();
      if (now >= until) {
        end_all();
        timer_.wait_readable({stop_fd_}, now + kKillAgain);
        continue;
      }
      // Where nothing tells that they ended we look.
      if (gone)
        timer_.wait_readable({stop_fd_}, std::min(until, now + kLookForLife));
      else
        timer_.wait_readable({stop_fd_, guarded_fd_}, until);
    }
  }

 private:
  std::set<pid_t> victims() const {
    std::set<pid_t> pids;
    if (!readable(guarded_fd_))
      for (const ProcessName& process : descendants(guarded_)) pids.insert(process.pid);
    if (!orders_.mark.empty())
      for (const int pid : processes_with(orders_.mark)) pids.insert(pid);
    pids.erase(guarded_);
    pids.erase(::getpid());
    return pids;
  }

  bool anybody_left() const { return (group_ > 0 && ::kill(-group_, 0) == 0) || !victims().empty(); }

  // Whom we know first: to look for the others takes a while, the more on a busy machine.
  void end_all() {
    const bool group = group_ > 0 && ::kill(-group_, 0) == 0;
    if (group || orders_.ends_us) tell();
    if (group) ::kill(-group_, SIGKILL);
    const std::set<pid_t> pids = victims();  // those of ours as long as we are there
    if (!pids.empty()) tell();
    if (orders_.ends_us) ::kill(guarded_, SIGKILL);
    for (const pid_t pid : pids) ::kill(pid, SIGKILL);
  }

  void tell() {
    if (told_) return;
    told_ = true;
    static_cast<void>(!::write(STDERR_FILENO, orders_.message.data(), orders_.message.size()));
  }

  const WatchdogOrders& orders_;
  const std::atomic<int>& group_;
  const pid_t guarded_;
  const int guarded_fd_;
  const int stop_fd_;
  Timer timer_;
  bool told_ = false;
};

// Standard error and these two alone.
void keep_three(int& first, int& second) {
  const int high = std::max({first, second, STDERR_FILENO}) + 1;
  first = ::fcntl(first, F_DUPFD_CLOEXEC, high);
  second = ::fcntl(second, F_DUPFD_CLOEXEC, first + 1);
  if (first < 0 || second < 0) ::_exit(1);
  close_fds(0, STDERR_FILENO - 1);
  close_fds(STDERR_FILENO + 1, static_cast<unsigned>(first) - 1);
  if (second > first + 1) close_fds(static_cast<unsigned>(first) + 1, static_cast<unsigned>(second) - 1);
  close_fds(static_cast<unsigned>(second) + 1, ~0U);
}

}  // namespace

Watchdog::Watchdog(WatchdogOrders orders) : stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Fd guarded = watch_process(::getpid());
  if (!stop_ || !guarded) throw_errno("cannot start a watchdog");
  orders.message += '\n';
  const pid_t guarded_pid = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw_errno("cannot start a watchdog");
  if (child > 0) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (shared_->pid == 0) throw SystemError("cannot start a watchdog", EAGAIN);
    return;
  }
  // A child's child: ours would be in the way of those who wait for theirs.
  ::setsid();
  const pid_t watchdog = ::fork();
  if (watchdog != 0) {
    if (watchdog > 0) shared_->pid = watchdog;
    ::_exit(0);
  }
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::prctl(PR_SET_NAME, "lockable-watch");
  int guarded_fd = guarded.get();
  int stop_fd = stop_.get();
  keep_three(guarded_fd, stop_fd);
  try {
    Watch(orders, shared_->group, guarded_pid, guarded_fd, stop_fd).run();
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

Watchdog::~Watchdog() {
  const Fd gone = watch_process(shared_->pid);
  ::eventfd_write(stop_.get(), 1);
  if (gone) Timer().wait_readable({gone.get()}, BootClock::now() + kToGo);
}

}  // namespace lockable::platform
