/// \file
/// The text forms of requirements, turned into JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace lockable::requirements {

/// An object, an array, or whatever JSON value the text holds; `{}` for an empty text. Throws
/// InvalidRequirements.
nlohmann::json read_text(std::string_view text);

}  // namespace lockable::requirements
