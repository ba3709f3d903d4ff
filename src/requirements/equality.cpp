#include "requirements/equality.h"

#include <algorithm>
#include <cstdint>

namespace lockable::requirements {
namespace {

using Json = nlohmann::json;

// 2^63 and 2^64 are doubles exactly; every double below them converts without loss or has a fraction.
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

bool same_as_double(const Json& integer, double number) {
  if (integer.is_number_unsigned())
    return number >= 0 && number < kTwo64 &&
           static_cast<std::uint64_t>(number) == integer.get<std::uint64_t>() &&
           static_cast<double>(static_cast<std::uint64_t>(number)) == number;
  return number >= -kTwo63 && number < kTwo63 &&
         static_cast<std::int64_t>(number) == integer.get<std::int64_t>() &&
         static_cast<double>(static_cast<std::int64_t>(number)) == number;
}

bool same_number(const Json& a, const Json& b) {
  if (a.is_number_float() && b.is_number_float()) return a.get<double>() == b.get<double>();
  if (a.is_number_float()) return same_as_double(b, a.get<double>());
  if (b.is_number_float()) return same_as_double(a, b.get<double>());
  if (a.is_number_unsigned() == b.is_number_unsigned()) return a == b;
  const Json& with_sign = a.is_number_unsigned() ? b : a;
  const Json& without = a.is_number_unsigned() ? a : b;
  const auto value = with_sign.get<std::int64_t>();
  return value >= 0 && static_cast<std::uint64_t>(value) == without.get<std::uint64_t>();
}

}  // namespace

bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.type() != b.type()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
  if (!a.is_object()) return a == b;
  if (a.size() != b.size()) return false;
  return std::all_of(a.items().begin(), a.items().end(), [&b](const auto& item) {
    const auto other = b.find(item.key());
    return other != b.end() && same(item.value(), *other);
  });
}

}  // namespace lockable::requirements
