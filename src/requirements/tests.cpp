#include "requirements/tests.h"

#include <cmath>
#include <limits>

namespace lockable::requirements {
namespace {

bool shorter_or_before(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

IsOneOf::IsOneOf(const Json& values) {
  for (const Json& value : values) {
    if (value.is_null())
      null_ = true;
    else if (value.is_string())
      texts_.push_back(value.get<std::string>());
    else
      others_.push_back(value);
  }
  std::sort(texts_.begin(), texts_.end(), shorter_or_before);
}

bool IsOneOf::has_text(const std::string& text) const {
  constexpr std::size_t kFew = 8;
  if (texts_.size() > kFew) return std::binary_search(texts_.begin(), texts_.end(), text, shorter_or_before);
  return std::find(texts_.begin(), texts_.end(), text) != texts_.end();
}

unsigned HasType::type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return kNull;
    case Json::value_t::boolean:
      return kBool;
    case Json::value_t::string:
      return kString;
    case Json::value_t::array:
      return kArray;
    case Json::value_t::object:
      return kObject;
    case Json::value_t::number_float:
      return kDouble;
    case Json::value_t::number_unsigned:
      return value.get<std::uint64_t>() <= std::numeric_limits<std::int32_t>::max() ? kInt : kLong;
    case Json::value_t::number_integer: {
      const auto number = value.get<std::int64_t>();
      return number == static_cast<std::int32_t>(number) ? kInt : kLong;
    }
    default:
      return 0;
  }
}

// Exact: a divisor of -1 would overflow, a dividend beyond 2^63 is never negative.
bool LeavesRemainder::holds(const Json* value) const {
  if (value == nullptr || !value->is_number()) return false;
  std::int64_t number = 0;
  if (value->is_number_unsigned() &&
      value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    const auto size =
        divisor < 0 ? 0 - static_cast<std::uint64_t>(divisor) : static_cast<std::uint64_t>(divisor);
    return remainder >= 0 && value->get<std::uint64_t>() % size == static_cast<std::uint64_t>(remainder);
  }
  if (value->is_number_float()) {
    constexpr double kTwo63 = 9223372036854775808.0;
    const double whole = std::trunc(value->get<double>());
    if (!(whole >= -kTwo63 && whole < kTwo63)) return false;
    number = static_cast<std::int64_t>(whole);
  } else {
    number = value->get<std::int64_t>();
  }
  return (divisor == -1 ? 0 : number % divisor) == remainder;
}

ConditionPtr equals(const Path& path, const Json& operand) {
  if (operand.is_null()) return at(path, IsNull{});
  if (operand.is_string()) return at(path, IsText{operand.get<std::string>()});
  return at(path, IsSame{operand});
}

}  // namespace lockable::requirements
