#include "platform/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "platform/file.h"

namespace lockable::platform {
namespace {

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real == nullptr ? path : std::string(real.get());
}

void write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw_errno("cannot write " + path);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

// The owner first: chown(2) may take bits of the mode away.
void make_like(int fd, const FileStatus& old, const std::string& path) {
  const bool owned = ::fchown(fd, old.user, old.group) == 0 || ::fchown(fd, uid_t(-1), old.group) == 0;
  constexpr unsigned kGroup = 0070;  // must not become another group's
  if (::fchmod(fd, owned ? old.mode : old.mode & ~kGroup) != 0) throw_errno("cannot set the mode of " + path);
}

Fd make_beside(const std::string& path, mode_t mode, std::string& name) {
  for (int i = 0;; ++i) {
    name = fmt::format("{}.{}-{}", path, ::getpid(), i);
    Fd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd) return fd;
    if (errno != EEXIST) throw_errno(fmt::format("cannot write {}: cannot make {}", path, name));
  }
}

void write_beside(const std::string& path, std::string_view text, const FileStatus* old) {
  std::string name;
  const Fd fd = make_beside(path, old == nullptr ? 0666 : 0600, name);
  try {
    write_all(fd.get(), text, name);
    if (old != nullptr) make_like(fd.get(), *old, name);
    if (::rename(name.c_str(), path.c_str()) != 0) throw_errno("cannot write " + path);
  } catch (...) {
    ::unlink(name.c_str());
    throw;
  }
}

}  // namespace

void replace_file(const std::string& path, std::string_view text) {
  const std::string real = real_path(path);
  const Fd old(::open(real.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!old && errno == ENOENT) return write_beside(real, text, nullptr);
  if (!old) throw_errno("cannot write " + path);
  const FileStatus status = status_of(old.get(), path);
  if (status.regular) return write_beside(real, text, &status);
  write_all(old.get(), text, path);
}

std::string read_standard_input() {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("cannot read standard input");
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace lockable::platform
