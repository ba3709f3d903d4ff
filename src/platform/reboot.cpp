#include "platform/reboot.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>

#include "platform/file.h"

namespace lockable::platform {

std::string emptied_by_reboot(const std::string& folder) {
  struct statfs system {};
  int result = 0;
  do {
    result = ::statfs(folder.c_str(), &system);
  } while (result != 0 && errno == EINTR);
  if (result != 0) throw_errno("cannot look at " + folder);
  if (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC) return "it is in memory (tmpfs)";
  for (const std::string top : {"/tmp", "/run", "/var/run", "/dev/shm"})
    if ((folder + "/").rfind(top + "/", 0) == 0) return "it is in " + top;
  return "";
}

}  // namespace lockable::platform
