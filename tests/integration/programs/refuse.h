/// \file
/// Running a command, and all that it starts, where the system refuses something (seccomp(2)).
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

/// Becomes `argv[1]…` under that filter; returns an exit code when that cannot be.
template <unsigned short kSize>
int run_under(sock_filter (&filter)[kSize], char** argv) {
  const sock_fprog program{kSize, filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return 125;
  if (argv[1] != nullptr) ::execvp(argv[1], argv + 1);
  return 127;
}
