/// \file
/// Speaking to a person on standard error.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace lockable::cli {

/// Prints to standard error. What cannot be written is lost: a full disk, or a reader that has gone, never
/// changes what we do. (fmt::print throws then.)
template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  std::fputs(fmt::format(format, std::forward<Args>(args)...).c_str(), stderr);
}

}  // namespace lockable::cli
