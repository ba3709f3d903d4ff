#include "platform/other_process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "platform/file.h"
#include "platform/wakeup.h"

namespace lockable::platform {

std::optional<OtherProcess> OtherProcess::open(int pid) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd && (errno == ESRCH || errno == EINVAL)) return std::nullopt;  // EINVAL: a thread, or no number
  if (!fd) throw_errno("cannot get hold of process " + std::to_string(pid));
  return OtherProcess(pid, std::move(fd));
}

bool OtherProcess::ended() const { return readable(fd_.get()); }

OtherProcess::Sent OtherProcess::ask_to_end() const noexcept {
  const Sent sent = signal(SIGTERM);
  signal(SIGCONT);
  return sent;
}

OtherProcess::Sent OtherProcess::kill() const noexcept { return signal(SIGKILL); }

OtherProcess::Sent OtherProcess::signal(int signal) const noexcept {
  if (::syscall(SYS_pidfd_send_signal, fd_.get(), signal, nullptr, 0) == 0) return Sent::kYes;
  return errno == EPERM ? Sent::kForbidden : Sent::kGone;
}

}  // namespace lockable::platform
