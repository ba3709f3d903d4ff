/// \file
/// When two JSON values are the same. Pure.
#pragma once

#include <nlohmann/json.hpp>

namespace lockable::requirements {

/// Numbers by value, exactly to 64 bits, whatever their kind (`1` is `1.0`, 2^63 is not -2^63); arrays
/// element by element; objects key by key, in any order; values of different types never.
bool same(const nlohmann::json& a, const nlohmann::json& b);

}  // namespace lockable::requirements
