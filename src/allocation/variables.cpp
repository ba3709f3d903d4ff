#include "allocation/variables.h"

#include <fmt/format.h>

namespace lockable {
namespace {

constexpr std::size_t kLongestName = 4096;

void add(const Json& object, const std::string& prefix, const std::string& above,
         std::vector<Variable>& result) {
  for (const auto& [key, value] : object.items()) {
    const std::string what = above.empty() ? key : fmt::format("{}.{}", above, key);
    const std::string name = prefix + variable_name(key);
    if (value.is_object())
      add(value, name + "_", what, result);
    else if (!value.is_null())
      result.push_back({name, variable_text(value), what});
  }
}

}  // namespace

std::string variable_name(const std::string& key) {
  std::string name;
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return name;
}

std::string variable_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Variable> variables_of(const Json& object, const std::string& prefix) {
  std::vector<Variable> result;
  add(object, prefix, "", result);
  return result;
}

std::string why_not_exported(const Variable& variable) {
  const auto& [name, value, what] = variable;
  if (name.size() > kLongestName)
    return fmt::format("{}… is not exported: the name is {} bytes long, more than {}", name.substr(0, 60),
                       name.size(), kLongestName);
  if (value.size() > kLongestValue)
    return fmt::format("{} is not exported: {} is {} bytes long, more than {}", name, what, value.size(),
                       kLongestValue);
  if (value.find('\0') != value.npos) return fmt::format("{} is not exported: {} contains a NUL", name, what);
  return "";
}

}  // namespace lockable
