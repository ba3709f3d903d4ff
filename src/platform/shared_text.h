/// \file
/// A text that other processes of the same user can read while this one lives; nothing is left of it
/// afterwards.
#pragma once

#include <string>
#include <string_view>

#include "platform/fd.h"

namespace lockable::platform {

/// Owns a memfd_create(2) file. Throws SystemError. One thread at a time.
class SharedText {
 public:
  explicit SharedText(const std::string& name);
  /// Replaces the text.
  void write(std::string_view text);
  /// Where others read it.
  const std::string& path() const { return path_; }

 private:
  PrivateFd fd_;
  std::string path_;
};

}  // namespace lockable::platform
