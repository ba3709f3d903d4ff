#include "platform/wakeup.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/file.h"

namespace lockable::platform {

Timer::Timer() : timer_(Fd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK))) {
  if (!timer_) throw_errno("cannot make a timer");
}

bool Timer::wait_readable(const std::vector<int>& fds, BootClock::time_point until) {
  const auto at = std::max(until.time_since_epoch(), BootClock::duration(1));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = static_cast<long>((at - seconds).count());
  if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) != 0)
    throw_errno("cannot set a timer");
  std::vector<pollfd> polled{{timer_.get(), POLLIN, 0}};
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  while (::poll(polled.data(), polled.size(), -1) < 0) {
    if (errno != EINTR) throw_errno("cannot wait");
  }
  for (std::size_t i = 1; i < polled.size(); ++i) {
    if (polled[i].revents != 0) return true;
  }
  return false;
}

AnyOf::AnyOf() : fd_(Fd(::epoll_create1(EPOLL_CLOEXEC))) {
  if (!fd_) throw_errno("cannot wait for several things");
}

void AnyOf::add(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw_errno("cannot wait for several things");
}

Bell::Bell() : fd_(Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  if (!fd_) throw_errno("cannot make a bell");
}
void Bell::ring() noexcept { ::eventfd_write(fd_.get(), 1); }
void Bell::clear() noexcept { drain(fd_.get()); }

bool readable(int fd) {
  pollfd polled{fd, POLLIN, 0};
  return fd >= 0 && ::poll(&polled, 1, 0) > 0;
}

void drain(int fd) noexcept {
  char buffer[4096];  // inotify(7) wants room for a whole event
  while (::read(fd, buffer, sizeof buffer) > 0) {
  }
}

FolderWatch FolderWatch::try_open() {
  FolderWatch watch;
  watch.fd_ = PrivateFd(Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)));
  return watch;
}

bool FolderWatch::add(const std::string& folder) noexcept {
  const int watch = ::inotify_add_watch(fd_.get(), folder.c_str(),
                                        IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF);
  if (watch >= 0) folders_.push_back(watch);
  return watch >= 0;
}

void FolderWatch::clear() noexcept {
  for (const int watch : folders_) ::inotify_rm_watch(fd_.get(), watch);
  folders_.clear();
  drain(fd_.get());
}

std::vector<FolderWatch::Change> FolderWatch::changes() {
  std::vector<Change> changes;
  alignas(inotify_event) char buffer[4096];
  for (;;) {
    const ssize_t length = ::read(fd_.get(), buffer, sizeof buffer);
    if (length <= 0) return changes;
    for (ssize_t at = 0; at < length;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      changes.push_back(
          {event.len > 0 ? buffer + at + sizeof event : "", (event.mask & IN_CLOSE_WRITE) != 0});
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

}  // namespace lockable::platform
