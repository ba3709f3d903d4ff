/// \file
/// What `$same` compares. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "requirements/path.h"

namespace lockable::requirements {

/// A text that is the same for two resources exactly when their values at all the paths are (numbers by
/// value); nothing when one of them is missing or null.
std::optional<std::string> agreement(const Json& resource, const std::vector<Path>& paths);

}  // namespace lockable::requirements
