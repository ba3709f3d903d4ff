#include "requirements/order.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lockable::requirements {
namespace {

using Json = nlohmann::json;

// 2^63 and 2^64 are doubles exactly.
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

template <typename T>
Order order_of(const T& a, const T& b) {
  return a < b ? Order::kLess : b < a ? Order::kGreater : Order::kEqual;
}

Order reverse(Order order) {
  if (order == Order::kLess) return Order::kGreater;
  return order == Order::kGreater ? Order::kLess : order;
}

template <typename Integer>
Order compare_with_double(Integer integer, double number, double lowest, double beyond) {
  if (std::isnan(number)) return Order::kNone;
  if (number >= beyond) return Order::kLess;
  if (number < lowest) return Order::kGreater;
  const auto whole = static_cast<Integer>(number);  // towards zero
  if (whole != integer) return order_of(integer, whole);
  return order_of(static_cast<double>(whole), number);
}

// Integers that are negative are stored as int64, others mostly as uint64.
Order compare_integers(const Json& a, const Json& b) {
  const auto negative = [](const Json& value) {
    return !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
  };
  if (negative(a) != negative(b)) return negative(a) ? Order::kLess : Order::kGreater;
  return negative(a) ? order_of(a.get<std::int64_t>(), b.get<std::int64_t>())
                     : order_of(a.get<std::uint64_t>(), b.get<std::uint64_t>());
}

Order compare_integer_with_double(const Json& integer, double number) {
  return integer.is_number_unsigned()
             ? compare_with_double(integer.get<std::uint64_t>(), number, 0.0, kTwo64)
             : compare_with_double(integer.get<std::int64_t>(), number, -kTwo63, kTwo63);
}

Order compare_numbers(const Json& a, const Json& b) {
  if (!a.is_number_float())
    return b.is_number_float() ? compare_integer_with_double(a, b.get<double>()) : compare_integers(a, b);
  if (!b.is_number_float()) return reverse(compare_integer_with_double(b, a.get<double>()));
  if (std::isnan(a.get<double>()) || std::isnan(b.get<double>())) return Order::kNone;
  return order_of(a.get<double>(), b.get<double>());
}

int rank(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return 1;
    case Json::value_t::string:
      return 3;
    case Json::value_t::object:
      return 4;
    case Json::value_t::array:
      return 5;
    case Json::value_t::boolean:
      return 7;
    default:
      return value.is_number() ? 2 : 6;
  }
}

Order compare_arrays(const Json& a, const Json& b) {
  auto x = a.begin(), y = b.begin();
  for (; x != a.end() && y != b.end(); ++x, ++y)
    if (const Order order = compare(*x, *y); order != Order::kEqual) return order;
  return order_of(a.size(), b.size());
}

// By type, then key, then value of the first keys that differ; the keys are sorted.
Order compare_objects(const Json::object_t& a, const Json::object_t& b) {
  auto x = a.begin(), y = b.begin();
  for (; x != a.end() && y != b.end(); ++x, ++y) {
    Order order = order_of(rank(x->second), rank(y->second));
    if (order == Order::kEqual) order = order_of(x->first, y->first);
    if (order == Order::kEqual) order = compare(x->second, y->second);
    if (order != Order::kEqual) return order;
  }
  return order_of(a.size(), b.size());
}

bool same_objects(const Json::object_t& a, const Json::object_t& b) {
  if (a.size() != b.size()) return false;
  for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y)
    if (x->first != y->first || !same(x->second, y->second)) return false;
  return true;
}

}  // namespace

bool comparable(const Json& a, const Json& b) { return rank(a) == rank(b); }

Order compare(const Json& a, const Json& b) {
  if (!comparable(a, b)) return order_of(rank(a), rank(b));
  switch (a.type()) {
    case Json::value_t::null:
      return Order::kEqual;
    case Json::value_t::boolean:
      return order_of(a.get<bool>(), b.get<bool>());
    case Json::value_t::string:
      return order_of(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
    case Json::value_t::array:
      return compare_arrays(a, b);
    case Json::value_t::object:
      return compare_objects(a.get_ref<const Json::object_t&>(), b.get_ref<const Json::object_t&>());
    default:
      return a.is_number() ? compare_numbers(a, b) : a == b ? Order::kEqual : Order::kNone;
  }
}

bool same(const Json& a, const Json& b) {
  if (a.is_number()) return b.is_number() && compare_numbers(a, b) == Order::kEqual;
  if (a.type() != b.type()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
  if (!a.is_object()) return a == b;
  return same_objects(a.get_ref<const Json::object_t&>(), b.get_ref<const Json::object_t&>());
}

}  // namespace lockable::requirements
