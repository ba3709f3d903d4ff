#include "platform/fd.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "platform/file.h"

namespace lockable::platform {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  return {Fd(fds[0]), Fd(fds[1])};
}

Fd open_socket(int family, int type, int protocol) noexcept {
  return Fd(::socket(family, type | SOCK_CLOEXEC, protocol));
}

namespace {

// The private descriptors of this process. Leaked on purpose: static destructors of others may still close
// theirs.
struct Registry {
  std::mutex mutex;
  std::vector<int> fds;
};

Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

void before_fork() { registry().mutex.lock(); }
void after_fork_in_parent() { registry().mutex.unlock(); }
void after_fork_in_child() {
  for (const int fd : registry().fds) ::close(fd);
  registry().fds.clear();
  registry().mutex.unlock();
}

void watch_forks() {
  static const int once = ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  (void)once;
}

}  // namespace

void close_fds(unsigned first, unsigned last) noexcept {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  for (unsigned fd = first; fd <= last && fd < limit.rlim_cur; ++fd) ::close(static_cast<int>(fd));
}

PrivateFd::PrivateFd(Fd fd) : fd_(std::move(fd)) {
  if (!fd_) return;
  watch_forks();
  const std::lock_guard<std::mutex> guard(registry().mutex);
  registry().fds.push_back(fd_.get());
}

PrivateFd::PrivateFd(PrivateFd&& other) noexcept : fd_(std::move(other.fd_)) {}

PrivateFd& PrivateFd::operator=(PrivateFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::move(other.fd_);
  }
  return *this;
}

void PrivateFd::reset() noexcept {
  if (!fd_) return;
  const std::lock_guard<std::mutex> guard(registry().mutex);
  auto& fds = registry().fds;
  const auto mine = std::find(fds.begin(), fds.end(), fd_.get());
  if (mine == fds.end()) {
    fd_.release();  // a forked child: closed already, the number may be somebody else's by now
    return;
  }
  fds.erase(mine);
  fd_.reset();
}

}  // namespace lockable::platform
