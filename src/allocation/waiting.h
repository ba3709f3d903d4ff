/// \file
/// What is said of a request that waits (Waiting), beyond describe().
#pragma once

#include <lockable/lockable.h>

#include <string>

namespace lockable {

/// Why it is not served although nobody holds what would do.
std::string why_not_held(const Waiting& waiting);

}  // namespace lockable
