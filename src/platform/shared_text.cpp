#include "platform/shared_text.h"

#include <sys/mman.h>
#include <unistd.h>

#include "platform/file.h"

namespace lockable::platform {

SharedText::SharedText(const std::string& name) : fd_(Fd(::memfd_create(name.c_str(), MFD_CLOEXEC))) {
  if (!fd_) throw_errno("cannot make a file in memory");
  path_ = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_.get());
}

void SharedText::write(std::string_view text) {
  write_whole(fd_.get(), text, status_of(fd_.get(), path_).size, path_);
}

}  // namespace lockable::platform
