#include "platform/accounts.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <vector>

#include "platform/file.h"

namespace lockable::platform {
namespace {

// A large group needs more room than anybody would guess: get…_r says ERANGE until it is enough.
template <typename Entry, typename Function, typename Key>
bool look_up(Function function, Key key, Entry& entry, std::vector<char>& room) {
  constexpr std::size_t kMost = std::size_t{16} * 1024 * 1024;
  for (room.resize(4096); room.size() <= kMost; room.resize(room.size() * 4)) {
    Entry* found = nullptr;
    const int error = function(key, &entry, room.data(), room.size(), &found);
    if (error != ERANGE) return error == 0 && found != nullptr;
  }
  return false;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string whose(const struct stat& raw) {
  std::string text = user_name(raw.st_uid) + " (group " + group_name(raw.st_gid);
  if ((raw.st_mode & S_IWGRP) != 0 && !in_group(raw.st_gid))
    text += ", of which " + user_name(own_user()) + " is no member now";
  return text + ")";
}

}  // namespace

namespace {

// Without the name service, which asks for a daemon first: that takes twice as long in a process that asks
// once.
std::optional<std::string> name_in_passwd_file(std::uint32_t id) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"), &std::fclose);
  passwd entry{};
  std::vector<char> room(4096);
  for (passwd* found = &entry; file != nullptr && found != nullptr;) {
    if (::fgetpwent_r(file.get(), &entry, room.data(), room.size(), &found) != 0) break;
    if (found->pw_uid == id) return found->pw_name;
  }
  return std::nullopt;
}

}  // namespace

std::string user_name(std::uint32_t id) {
  if (auto name = name_in_passwd_file(id)) return *name;
  passwd entry{};
  std::vector<char> room;
  return look_up(&::getpwuid_r, id, entry, room) ? entry.pw_name : std::to_string(id);
}

std::string group_name(std::uint32_t id) {
  group entry{};
  std::vector<char> room;
  return look_up(&::getgrgid_r, id, entry, room) ? entry.gr_name : std::to_string(id);
}

std::optional<std::uint32_t> find_group(const std::string& name_or_number) {
  group entry{};
  std::vector<char> room;
  if (look_up(&::getgrnam_r, name_or_number.c_str(), entry, room)) return entry.gr_gid;
  std::uint32_t number = 0;
  const char* end = name_or_number.data() + name_or_number.size();
  const auto [last, error] = std::from_chars(name_or_number.data(), end, number);
  // The highest means "unchanged" to chown(2).
  const bool valid =
      error == std::errc() && last == end && number != std::numeric_limits<std::uint32_t>::max();
  return valid ? std::optional(number) : std::nullopt;
}

std::uint32_t own_user() noexcept { return ::geteuid(); }

bool in_group(std::uint32_t id) {
  if (::getegid() == id) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = groups.empty() ? 0 : ::getgroups(static_cast<int>(groups.size()), groups.data());
  return std::find(groups.begin(), groups.begin() + std::max(0, count), id) !=
         groups.begin() + std::max(0, count);
}

void throw_refused(const std::string& what, int folder, const std::string& path) {
  const int error = errno;
  std::string text = what;
  struct stat raw {};
  if (error == EACCES || error == EPERM) {
    if (::fstatat(folder, path.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0)
      text += ", which belongs to " + whose(raw);
    else if (::fstatat(folder, folder_of(path).c_str(), &raw, 0) == 0)
      text += " in a folder of " + whose(raw);
  }
  throw SystemError(text, error);
}

}  // namespace lockable::platform
