// without_inotify command…: runs it where no more inotify instances are to be had: inotify_init fails with
// EMFILE (seccomp(2)), for it alone and all that it starts.
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>

#include "refuse.h"

int main(int /*argc*/, char** argv) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_inotify_init1, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return run_under(filter, argv);
}
