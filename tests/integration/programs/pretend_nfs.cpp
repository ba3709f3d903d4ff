// To be loaded before a program (LD_PRELOAD): whatever it asks about is on NFS.
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cstring>

extern "C" int fstatfs(int /*fd*/, struct statfs* result) {
  std::memset(result, 0, sizeof *result);
  result->f_type = NFS_SUPER_MAGIC;
  return 0;
}
