#include "requirements/agreement.h"

#include <cmath>
#include <cstdint>

namespace lockable::requirements {
namespace {

// A floating point number that is an integer becomes one, since 1.0 is 1.
Json canonical(const Json& value) {
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::trunc(number) != number || !(number >= -0x1p63 && number < 0x1p64)) return value;
    if (number < 0) return static_cast<std::int64_t>(number);
    return static_cast<std::uint64_t>(number);
  }
  if (!value.is_structured()) return value;
  Json result = value;
  for (Json& inner : result) inner = canonical(inner);
  return result;
}

}  // namespace

std::optional<std::string> agreement(const Json& resource, const std::vector<Path>& paths) {
  Json values = Json::array();
  for (const Path& path : paths) {
    const Json* value = path.find(resource);
    if (value == nullptr || value->is_null()) return std::nullopt;
    values.push_back(canonical(*value));
  }
  return values.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lockable::requirements
