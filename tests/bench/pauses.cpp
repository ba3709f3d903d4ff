#include "pauses.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

constexpr unsigned kOneIn = 8;
constexpr unsigned kLongestUs = 3000;

std::atomic<unsigned> state{0};  // of the random numbers; 0: no pauses

void pause_maybe() noexcept {
  unsigned number = state.load();
  if (number == 0) return;
  number = number * 1664525U + 1013904223U;
  state.store(number == 0 ? 1 : number);
  const unsigned high = number >> 16U;
  const int code = errno;
  if (high % kOneIn == 0) ::usleep((high / kOneIn) % kLongestUs);
  errno = code;
}

template <typename... Operands>
long call(long number, Operands... operands) noexcept {
  pause_maybe();
  const long result = ::syscall(number, operands...);
  pause_maybe();
  return result;
}

}  // namespace

extern "C" {

int flock(int fd, int operation) noexcept {
  // Shared locks only look, and are many: they would make the processes slow, not their races likely.
  const bool looks = (operation & LOCK_SH) != 0;
  return static_cast<int>(looks ? ::syscall(SYS_flock, fd, operation) : call(SYS_flock, fd, operation));
}

int unlinkat(int folder, const char* name, int flags) noexcept {
  return static_cast<int>(call(SYS_unlinkat, folder, name, flags));
}

int renameat(int from, const char* old_name, int to, const char* new_name) noexcept {
  return static_cast<int>(call(SYS_renameat2, from, old_name, to, new_name, 0));
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  return call(SYS_pwrite64, fd, data, size, at);
}

int ftruncate(int fd, off_t size) noexcept { return static_cast<int>(call(SYS_ftruncate, fd, size)); }

}  // extern "C"

namespace lockable::bench {

void pause_now_and_then(unsigned seed) { state = seed * 2654435761U | 1U; }

}  // namespace lockable::bench
