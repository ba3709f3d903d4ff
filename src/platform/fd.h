/// \file
/// A file descriptor that closes itself.
#pragma once

#include <utility>

namespace lockable::platform {

/// Owns a descriptor; move-only. Closing ignores errors: nothing we write through one waits for close to be
/// safe.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() noexcept;
  /// Gives the descriptor up without closing it.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Both ends of a pipe (pipe2(2)), closed by exec.
struct Pipe {
  Fd read;
  Fd write;
};
/// Throws SystemError.
Pipe make_pipe();

/// A socket (socket(2)) that is closed by exec. Empty when the system refuses.
Fd open_socket(int family, int type, int protocol) noexcept;

/// Closes all descriptors in that range. For a child that is to have nothing of ours; a system call or a few.
void close_fds(unsigned first, unsigned last) noexcept;

/// A descriptor that no child of this process shall have: closed by exec (the caller opened it close-on-exec)
/// and also in a child that only forks (pthread_atfork(3)), so that a forked child cannot keep a lock. Any
/// thread may make, move and destroy them.
class PrivateFd {
 public:
  PrivateFd() = default;
  explicit PrivateFd(Fd fd);
  PrivateFd(PrivateFd&& other) noexcept;
  PrivateFd& operator=(PrivateFd&& other) noexcept;
  ~PrivateFd() { reset(); }

  int get() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }
  void reset() noexcept;

 private:
  Fd fd_;
};

}  // namespace lockable::platform
