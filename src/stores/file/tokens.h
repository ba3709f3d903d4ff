/// \file
/// Fencing tokens: a number for each resource that only grows.
#pragma once

#include <lockable/clock.h>

#include <cstdint>
#include <string>

#include "platform/folder.h"

namespace lockable::file_store {

/// The file that remembers the last tokens: 8 bytes, lowest first, at a place that the resource's id gives.
/// Two resources may share a place: their numbers then skip. Any thread may call.
class Tokens {
 public:
  /// Opens or makes the file. Throws SystemError, also when something else or a link is in its place.
  explicit Tokens(const platform::Folder& folder);

  /// The next token of a resource, greater than all before. Call it only while holding the resource's lock:
  /// that keeps two from taking the same. It is at least the microseconds of the wall clock, so that it grows
  /// also over the loss of the file; numbers that cannot be ours are taken for lost. Never fails: when the
  /// disk is full the clock alone counts.
  std::uint64_t next(const std::string& resource_id, WallTime now) const noexcept;
  /// The last one given, about the microseconds of the wall clock then; 0 when none is known.
  std::uint64_t last(const std::string& resource_id) const noexcept;

 private:
  platform::Fd file_;
};

}  // namespace lockable::file_store
