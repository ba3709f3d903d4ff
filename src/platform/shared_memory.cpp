#include "platform/shared_memory.h"

#include <sys/mman.h>

#include "platform/file.h"

namespace lockable::platform {

SharedMemory::SharedMemory(std::size_t size)
    : start_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)), size_(size) {
  if (start_ == MAP_FAILED) throw_errno("cannot get shared memory");
}

SharedMemory::~SharedMemory() { ::munmap(start_, size_); }

}  // namespace lockable::platform
