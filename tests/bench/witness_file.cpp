#include "witness_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

namespace lockable::bench {
namespace {

constexpr unsigned long kExiting = 0x4;  // PF_EXITING of the kernel's task flags, field 9 of proc(5)'s stat

struct Stat {
  char state = 'X';  // as of a process that is gone
  unsigned long flags = 0;
  std::string start_time;
};

// "pid (comm) state ppid …": comm may contain anything, so read from the last ')'.
Stat read_stat(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const auto end = all.rfind(')');
  Stat stat;
  if (end == std::string::npos) return stat;
  std::istringstream fields(all.substr(end + 1));
  std::string skipped;
  fields >> stat.state;
  for (int field = 4; field < 9; ++field) fields >> skipped;
  fields >> stat.flags;
  for (int field = 10; field < 22; ++field) fields >> skipped;
  fields >> stat.start_time;
  return fields ? stat : Stat();
}

std::string own_identity() {
  const std::string pid = std::to_string(::getpid());
  return pid + " " + read_stat(pid).start_time;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Empty when there is no link.
std::string read_link(const std::string& path) {
  std::array<char, 64> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  if (size < 0 && errno != ENOENT) fail("readlink " + path);
  return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

bool is_dead(const std::string& who) {
  const auto space = who.find(' ');
  if (space == std::string::npos) return false;
  const Stat stat = read_stat(who.substr(0, space));
  return stat.state == 'Z' || stat.state == 'X' || (stat.flags & kExiting) != 0 ||
         stat.start_time != who.substr(space + 1);
}

WitnessFile::WitnessFile(const std::string& folder, const std::string& resource_id)
    : path_(folder + "/" + resource_id), self_(own_identity()) {}

WitnessFile::Entered WitnessFile::enter() {
  auto result = Entered::kAlone;
  while (::symlink(self_.c_str(), path_.c_str()) != 0) {
    if (errno != EEXIST) fail("symlink " + path_);
    who_ = read_link(path_);
    // Gone between the two calls: whoever removed it was there together with us.
    if (who_.empty() || !is_dead(who_)) return Entered::kOverlap;
    ::unlink(path_.c_str());  // should that hit another living one's, its leave() notices
    result = Entered::kAfterAKill;
  }
  ours_ = true;
  return result;
}

bool WitnessFile::leave() {
  if (!ours_) return true;
  who_ = read_link(path_);
  return who_ == self_ && ::unlink(path_.c_str()) == 0;
}

}  // namespace lockable::bench
