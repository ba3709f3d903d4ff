#include "platform/process_table.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace lockable::platform {
namespace {

constexpr std::size_t kMostRows = std::size_t{1} << 17U;
constexpr std::size_t kNames = std::size_t{64} << 10U;
constexpr std::size_t kBuffer = std::size_t{64} << 10U;

/// What getdents64(2) writes.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

int open_of(pid_t pid, std::string_view file) noexcept {
  char path[64] = "/proc/";
  char* end = std::to_chars(path + std::strlen(path), path + 32, pid).ptr;
  end = std::copy(file.begin(), file.end(), end);
  *end = '\0';
  return ::open(path, O_RDONLY | O_CLOEXEC);
}

pid_t number(const char* text) noexcept {
  pid_t pid = 0;
  const char* const end = text + std::strlen(text);
  return std::from_chars(text, end, pid).ptr == end ? pid : 0;
}

}  // namespace

ProcessTable::ProcessTable()
    : memory_(kMostRows * sizeof(Row) + kNames + kBuffer),
      rows_(static_cast<Row*>(memory_.get())),
      names_(static_cast<char*>(memory_.get()) + kMostRows * sizeof(Row)),
      buffer_(names_ + kNames) {}

void ProcessTable::look(pid_t root, std::string_view mark) noexcept {
  count_ = 0;
  read_rows(mark);
  std::sort(rows_, rows_ + count_, [](const Row& a, const Row& b) { return a.pid < b.pid; });
  for (bool more = true; more;) {
    more = false;
    for (Row* row = rows_; row != rows_ + count_; ++row) {
      if (row->found || ((root == 0 || row->parent != root) && !is_found(row->parent))) continue;
      row->found = more = true;
    }
  }
}

bool ProcessTable::is_found(pid_t pid) const noexcept {
  const Row* const end = rows_ + count_;
  const Row* const row = std::lower_bound(rows_, rows_ + count_, pid,
                                          [](const Row& one, pid_t other) { return one.pid < other; });
  return row != end && row->pid == pid && row->found;
}

void ProcessTable::read_rows(std::string_view mark) noexcept {
  const int folder = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  for (;;) {
    const long got = ::syscall(SYS_getdents64, folder, names_, kNames);
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      Entry entry{};
      std::memcpy(&entry, names_ + at, offsetof(Entry, name));
      if (const pid_t pid = number(names_ + at + offsetof(Entry, name)); pid > 0) add(pid, mark);
      at += entry.length;
    }
  }
  ::close(folder);
}

// proc(5), stat: "pid (comm) state ppid …"; comm may contain anything, so read to the last ')'.
void ProcessTable::add(pid_t pid, std::string_view mark) noexcept {
  const int fd = count_ == kMostRows ? -1 : open_of(pid, "/stat");
  if (fd < 0) return;
  const ssize_t got = ::read(fd, buffer_, kBuffer);
  ::close(fd);
  if (got <= 0) return;
  const std::string_view text(buffer_, static_cast<std::size_t>(got));
  const auto end = text.rfind(") ");
  if (end == text.npos || end + 4 >= text.size()) return;
  const char state = text[end + 2];
  pid_t parent = 0;
  std::from_chars(buffer_ + end + 4, buffer_ + got, parent);
  if (state == 'Z' || state == 'X' || pid == ::getpid()) return;  // we may be a child of whom we watch
  rows_[count_++] = {pid, parent, !mark.empty() && has_mark(pid, mark)};
}

bool ProcessTable::has_mark(pid_t pid, std::string_view mark) noexcept {
  const int fd = mark.size() >= kBuffer / 2 ? -1 : open_of(pid, "/environ");
  if (fd < 0) return false;
  bool found = false;
  std::size_t kept = 0;  // the end of the part before, in which the mark may have begun
  while (!found) {
    const ssize_t got = ::read(fd, buffer_ + kept, kBuffer - kept);
    if (got <= 0) break;
    const std::string_view text(buffer_, kept + static_cast<std::size_t>(got));
    found = text.find(mark) != text.npos;
    kept = std::min(mark.size() - 1, text.size());
    std::memmove(buffer_, buffer_ + text.size() - kept, kept);
  }
  ::close(fd);
  return found;
}

bool ProcessTable::found_any() const noexcept {
  return std::any_of(rows_, rows_ + count_, [](const Row& row) { return row.found; });
}

void ProcessTable::kill_all_but(pid_t spared) const noexcept {
  for (const Row* row = rows_; row != rows_ + count_; ++row)
    if (row->found && row->pid != spared) ::kill(row->pid, SIGKILL);
}

}  // namespace lockable::platform
