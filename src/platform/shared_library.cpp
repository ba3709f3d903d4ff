#include "platform/shared_library.h"

#include <dlfcn.h>
#include <lockable/error.h>

#include <string>

namespace lockable::platform {
namespace {

[[noreturn]] void fail() {
  const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): of this thread (dlerror(3))
  throw Error(reason == nullptr ? "cannot load a library" : reason);
}

}  // namespace

SharedLibrary::SharedLibrary(const char* name) : handle_(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) fail();
}

void* SharedLibrary::address(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) fail();
  return found;
}

}  // namespace lockable::platform
