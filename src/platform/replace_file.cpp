#include "platform/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "platform/fd.h"
#include "platform/file.h"

namespace lockable::platform {

void replace_file(const std::string& path, std::string_view text) {
  constexpr mode_t kMode = 0644;
  std::string beside = path + ".XXXXXX";
  const Fd fd(::mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) throw_errno("cannot write " + path);
  try {
    write_whole(fd.get(), text, 0, beside);
    ::fchmod(fd.get(), kMode);
    if (::rename(beside.c_str(), path.c_str()) != 0) throw_errno("cannot write " + path);
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
}

}  // namespace lockable::platform
