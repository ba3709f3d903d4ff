#include "stores/file/lock_folder.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include "platform/environment.h"

namespace lockable::file_store {

using platform::Folder;

Folder make_lock_folder(const std::string& path) {
  Folder folder = Folder::make(path);
  const std::string network = folder.network_file_system();
  if (!network.empty() && platform::environment_variable("LOCKABLE_ALLOW_NETWORK_FOLDER") != "1")
    throw LockFolderError(fmt::format(
        "lock folder {} is on {}, which other machines may use as well: locks on files may not hold "
        "between machines, and another machine's process ids mean nothing here. Give a folder of this "
        "machine with --lock-folder or LOCKABLE_LOCK_FOLDER, or, if no other machine uses this one, "
        "set LOCKABLE_ALLOW_NETWORK_FOLDER=1",
        folder.path(), network));
  return folder;
}

std::string why_unusable(const Folder& folder, const std::string& pid_file_name) try {
  const std::string path = folder.path_of(pid_file_name);
  const auto status = folder.status(pid_file_name);
  if (!status || !status->regular) return path + " is no regular file: remove it";
  if (!status->plain()) return path + " is a hard link to another file: remove it";
  folder.open_if_there(pid_file_name, platform::Access::kRead);
  return path + " could not be locked a moment ago";
} catch (const platform::SystemError& error) {
  return error.what();
}

}  // namespace lockable::file_store
