#include "stores/file/failures.h"

#include <charconv>

#include "stores/file/names.h"

namespace lockable::file_store {
namespace {

constexpr const char* kFailures = "failures";
constexpr std::size_t kLimit = 16;

std::string file_name(const std::string& resource_id) {
  std::string name = pid_file_name(resource_id);
  name.erase(0, name.find_last_of('/') + 1);
  name.erase(name.size() - 3);  // "pid"
  return name + "n";
}

}  // namespace

int failures_of(const platform::Folder& lock_folder, const std::string& resource_id) noexcept try {
  const std::string name = std::string(kOwnFolder) + "/" + kFailures + "/" + file_name(resource_id);
  const platform::Fd fd = lock_folder.open_if_there(name, platform::Access::kRead);
  if (!fd) return 0;
  const std::string text = platform::read_start(fd.get(), kLimit, name);
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end != text.data() && count > 0 ? count : 0;
} catch (const std::exception&) {
  return 0;
}

// A new file each time: the old one may be another user's.
void note_failures(const platform::Folder& lock_folder, const std::string& resource_id, int count) noexcept
    try {
  const std::string name = file_name(resource_id);
  const platform::Folder folder = lock_folder.make_inside(kOwnFolder).make_inside(kFailures);
  folder.remove(name);
  if (count <= 0) return;
  const platform::Fd fd = folder.open_file(name, platform::Access::kCreate, platform::OnExec::kClose);
  platform::write_whole(fd.get(), std::to_string(count), 0, name);
} catch (const std::exception&) {
  return;
}

}  // namespace lockable::file_store
