#include "arena.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace lockable::bench {
namespace {

void append(const std::string& path, const void* data, std::size_t size) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool whole = fd >= 0 && ::write(fd, data, size) == static_cast<ssize_t>(size);
  const int code = errno;
  if (fd >= 0) ::close(fd);
  if (!whole) throw std::system_error(code, std::generic_category(), path);
}

}  // namespace

void Arena::make() const {
  std::filesystem::create_directories(locks());
  std::filesystem::create_directories(witnesses());
}

Options Arena::options() const {
  Options options;
  options.resources = Json::array();
  for (unsigned i = 1; i <= boards_; ++i)
    options.resources.push_back({{"id", "board" + std::to_string(i)}, {"type", "board"}});
  options.lock_folder = locks();
  options.adopt = false;
  return options;
}

Requirements Arena::any(unsigned count) const {
  return Requirements(Json{{"hostname", nullptr}, {"online", nullptr}, {"$count", count}});
}

void Arena::tell_allocation(const std::string& name, std::int64_t queue_time_ns) const {
  append(file(name), &queue_time_ns, sizeof queue_time_ns);
}

void Arena::tell(const std::string& name, const std::string& line) const {
  append(file(name), (line + "\n").data(), line.size() + 1);
}

std::uint64_t Arena::allocations(const std::string& name) const {
  struct stat status {};
  if (::stat(file(name).c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size) / sizeof(std::int64_t);
}

std::vector<std::int64_t> Arena::queue_times(const std::string& name) const {
  std::ifstream in(file(name), std::ios::binary);
  std::vector<std::int64_t> times;
  std::int64_t time = 0;
  while (in.read(reinterpret_cast<char*>(&time), sizeof time)) times.push_back(time);
  return times;
}

std::vector<std::string> Arena::lines(const std::string& name) const {
  std::ifstream in(file(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace lockable::bench
