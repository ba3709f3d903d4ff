#include "platform/lock_keepers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "platform/folder.h"

namespace lockable::platform {
namespace {

std::string link_text(const std::string& path) {
  char buffer[PATH_MAX];
  const ssize_t length = ::readlink(path.c_str(), buffer, sizeof buffer);
  return length < 0 ? "" : std::string(buffer, static_cast<std::size_t>(length));
}

// Of proc(5): `lock: 1: FLOCK ADVISORY WRITE 359 00:13:11691 0 EOF`.
bool has_lock(const std::string& fdinfo) {
  for (std::size_t at = fdinfo.find("lock:"); at != fdinfo.npos; at = fdinfo.find("lock:", at + 1)) {
    const std::string line = fdinfo.substr(at, fdinfo.find('\n', at) - at);
    if (line.find("->") != line.npos) continue;  // waits for it
    if (line.find("OFDLCK") != line.npos) return true;
    if (line.find("FLOCK") != line.npos && line.find("WRITE") != line.npos) return true;
  }
  return false;
}

bool keeps(const std::string& process, const FileStatus& file, const std::string& end_of_path) try {
  for (const std::string& fd : Folder::open(process + "/fd").names()) {
    const std::string link = fmt::format("{}/fd/{}", process, fd);
    // By its name first: a look at a file on a server that is gone would last.
    const std::string text = link_text(link);
    if (text.size() < end_of_path.size() ||
        text.compare(text.size() - end_of_path.size(), end_of_path.npos, end_of_path) != 0)
      continue;
    try {
      if (status_of_path(link).same_file(file) &&
          has_lock(read_file(fmt::format("{}/fdinfo/{}", process, fd))))
        return true;
    } catch (const SystemError&) {
      continue;  // closed meanwhile
    }
  }
  return false;
} catch (const SystemError&) {
  return false;  // it ended, or is none of ours
}

}  // namespace

std::vector<int> lock_keepers(const std::string& path) try {
  const auto slash = path.find_last_of('/');
  const auto file = Folder::open(path.substr(0, slash)).status(path.substr(slash + 1));
  if (!file || !file->regular) return {};
  const std::string end_of_path = path.substr(slash);
  std::vector<int> keepers;
  for (const std::string& name : Folder::open("/proc").names()) {
    const int pid = std::atoi(name.c_str());
    if (pid > 0 && keeps("/proc/" + name, *file, end_of_path)) keepers.push_back(pid);
  }
  return keepers;
} catch (const SystemError&) {
  return {};
}

void keep_from_children(const FileStatus& file) noexcept try {
  static auto* kept = new std::vector<PrivateFd>;  // never closed: the lock lasts as long as this process
  static auto* mutex = new std::mutex;
  const std::lock_guard<std::mutex> guard(*mutex);
  for (const std::string& name : Folder::open("/proc/self/fd").names()) {
    const int fd = std::atoi(name.c_str());
    struct stat raw {};
    if (::fstat(fd, &raw) != 0 || !from_stat(raw).same_file(file)) continue;
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0) continue;  // our own, or kept before
    ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    kept->emplace_back(Fd(fd));
  }
} catch (const std::exception&) {
  // Without /proc the descriptor stays inheritable: the lock then lasts until the last child ends, never
  // shorter.
}

}  // namespace lockable::platform
