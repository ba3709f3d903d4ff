/// \file
/// A resource as environment variables, for programs that use it. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// Longer ones are not exported: name and value together must stay below 128 KiB (execve(2)).
constexpr std::size_t kLongestValue = std::size_t{64} * 1024;

struct Variable {
  std::string name;
  std::string value;
  std::string what;  ///< where the value comes from, a dotted path for instance
};

/// The key in upper case, every character but letters and digits a `_`.
std::string variable_name(const std::string& key);
/// Strings as they are, everything else as JSON.
std::string variable_text(const Json& value);

/// All keys of an object under a prefix, nested keys joined by `_`; null is left out. Names may repeat.
std::vector<Variable> variables_of(const Json& object, const std::string& prefix);

/// Why it cannot be exported (too long, a NUL), in words; empty when it can.
std::string why_not_exported(const Variable& variable);

}  // namespace lockable
