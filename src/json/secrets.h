/// \file
/// Hiding what only the holder of a resource may see. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// The value with `***` for every value, at any depth, whose key one of the patterns matches: `*` stands for
/// any text, the case of ASCII letters does not matter. Each part of a dotted key counts as a key.
Json redacted(const Json& value, const std::vector<std::string>& patterns);

}  // namespace lockable
