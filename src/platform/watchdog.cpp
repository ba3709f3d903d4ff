#include "platform/watchdog.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "platform/child.h"
#include "platform/file.h"
#include "platform/process_table.h"
#include "platform/wakeup.h"

namespace lockable::platform {

using namespace std::chrono_literals;

namespace {

constexpr auto kKillAgain = 20ms;  // what is born meanwhile
constexpr auto kLookForLife = 500ms;
constexpr auto kToGo = 1s;

}  // namespace

/// What the watchdog does, in its own process: with system calls only (process_table.h).
class Watch {
 public:
  Watch(const WatchdogOrders& orders, ProcessTable& table, const Watchdog::Words& words, pid_t guarded,
        int guarded_fd, int stop_fd)
      : orders_(orders),
        table_(table),
        words_(words),
        guarded_(guarded),
        guarded_fd_(guarded_fd),
        stop_fd_(stop_fd) {}

  void run() noexcept {
    while (!readable(stop_fd_)) {
      const bool gone = readable(guarded_fd_);
      if (gone && (orders_.ends_us || !anybody_left())) return;
      const auto now = BootClock::now();
      const auto until = orders_.until();
      if (now >= until) {
        end_all();
        wait(now + kKillAgain, -1);
      } else if (gone) {  // nothing tells that they ended
        wait(std::min<BootClock::time_point>(until, now + kLookForLife), -1);
      } else {
        wait(until, guarded_fd_);
      }
    }
  }

 private:
  // Its child or ours: a group that has gone is nobody's.
  bool group_lives() const noexcept { return words_.group > 0 && ::kill(-words_.group, 0) == 0; }

  bool look_for_others() noexcept {
    table_.look(readable(guarded_fd_) ? 0 : guarded_, {words_.mark, words_.mark_length});
    return table_.found_any();
  }

  bool anybody_left() noexcept { return group_lives() || look_for_others(); }

  // Whom we know first: to look for the others takes a while, the more on a busy machine.
  void end_all() noexcept {
    if (group_lives()) {
      tell();
      ::kill(-words_.group, SIGKILL);
    }
    if (look_for_others() || orders_.ends_us) tell();  // those of ours can be seen as long as we are there
    if (orders_.ends_us) ::kill(guarded_, SIGKILL);
    table_.kill_all_but(guarded_);
  }

  void tell() noexcept {
    if (told_) return;
    told_ = true;
    static_cast<void>(!::write(STDERR_FILENO, orders_.message.data(), orders_.message.size()));
  }

  // On the clock that goes on while the machine sleeps.
  void wait(BootClock::time_point until, int fd) const noexcept {
    const auto at = std::max(until.time_since_epoch(), BootClock::duration(1));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
    itimerspec spec{};
    spec.it_value = {seconds.count(), static_cast<long>((at - seconds).count())};
    ::timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &spec, nullptr);
    pollfd polled[] = {{timer_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}, {fd, POLLIN, 0}};
    ::poll(polled, std::size(polled), -1);
  }

  const WatchdogOrders& orders_;
  ProcessTable& table_;
  const Watchdog::Words& words_;
  const pid_t guarded_;
  const int guarded_fd_;
  const int stop_fd_;
  const int timer_fd_ = ::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  bool told_ = false;
};

namespace {

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
  ProcessTable table;
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
  Watch(orders, table, *shared_, guarded_pid, guarded_fd, stop_fd).run();
  ::_exit(0);
}

void Watchdog::watch_marked(const std::string& mark) {
  if (mark.size() >= kMostMark)
    throw SystemError("cannot watch what has " + mark + " in its environment", E2BIG);
  std::copy(mark.begin(), mark.end(), shared_->mark);
  shared_->mark_length = mark.size();
}

Watchdog::~Watchdog() {
  const Fd gone = watch_process(shared_->pid);
  ::eventfd_write(stop_.get(), 1);
  if (!gone || Timer().wait_readable({gone.get()}, BootClock::now() + kToGo)) return;
  ::kill(shared_->pid, SIGKILL);
  Timer().wait_readable({gone.get()}, BootClock::now() + kToGo);
}

}  // namespace lockable::platform
