/// \file
/// Speaking to a person on standard error.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

namespace lockable::cli {

/// Prints to standard error. What cannot be written is lost: a full disk, or a reader that has gone, never
/// changes what we do. (fmt::print throws then.) Returns how many bytes it was.
template <typename... Args>
std::size_t say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::fputs(text.c_str(), stderr);
  return text.size();
}

}  // namespace lockable::cli
