/// \file
/// Memory that a forked child goes on sharing with us.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace lockable::platform {

/// Zeroed memory (mmap(2), MAP_SHARED) that lives as long as somebody has it mapped. Throws SystemError.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size);
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();
  void* get() const { return start_; }

 private:
  void* start_;
  std::size_t size_;
};

/// A value there: of atomics that need no lock.
template <typename Value>
class Shared {
 public:
  Shared() : memory_(sizeof(Value)), value_(new (memory_.get()) Value()) {
    static_assert(std::is_trivially_destructible_v<Value>);
  }
  Value* operator->() const { return value_; }
  Value& operator*() const { return *value_; }

 private:
  SharedMemory memory_;
  Value* value_;
};

}  // namespace lockable::platform
