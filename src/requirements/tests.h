/// \file
/// What one value can be tested for. A test has `holds(const Json* value)`, where nullptr is a value that is
/// missing, and `cost()` (Condition::cost). at() makes a condition of a path and a test. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "requirements/condition.h"
#include "requirements/order.h"
#include "requirements/pattern.h"

namespace lockable::requirements {

/// Null or missing.
struct IsNull {
  bool holds(const Json* value) const { return value == nullptr || value->is_null(); }
  int cost() const { return 1; }
};

struct IsText {
  std::string operand;
  bool holds(const Json* value) const {
    const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
    return text != nullptr && *text == operand;
  }
  int cost() const { return 1; }
};

/// The same as an operand that is neither null nor a string.
struct IsSame {
  Json operand;
  bool holds(const Json* value) const { return value != nullptr && same(*value, operand); }
  int cost() const { return operand.is_structured() ? 4 : 1; }
};

/// Of the operand's type, and before or after it; a missing value counts as null.
struct Compares {
  Json operand;
  bool or_equal;
  Order order;  ///< kLess or kGreater
  bool holds(const Json* value) const {
    if (value == nullptr) return or_equal && operand.is_null();
    if (!comparable(*value, operand)) return false;
    const Order found = compare(*value, operand);
    return found == order || (or_equal && found == Order::kEqual);
  }
  int cost() const { return operand.is_structured() ? 5 : 2; }
};

/// One of several values.
class IsOneOf {
 public:
  explicit IsOneOf(const Json& values);
  bool holds(const Json* value) const {
    if (value == nullptr) return null_;
    const auto* text = value->get_ptr<const std::string*>();
    if (text != nullptr) return has_text(*text);
    if (value->is_null()) return null_;
    return std::any_of(others_.begin(), others_.end(),
                       [value](const Json& one) { return same(*value, one); });
  }
  int cost() const { return 3 + static_cast<int>(others_.size()); }

 private:
  bool has_text(const std::string& text) const;
  bool null_ = false;
  std::vector<std::string> texts_;  // sorted by length, then bytes
  std::vector<Json> others_;
};

struct IsThere {
  bool holds(const Json* value) const { return value != nullptr; }
  int cost() const { return 1; }
};

/// The types of JSON by MongoDB's names, as bits. An integer is an int when 32 bits hold it, else a long.
enum Type : unsigned {
  kDouble = 1U << 0U,
  kString = 1U << 1U,
  kObject = 1U << 2U,
  kArray = 1U << 3U,
  kBool = 1U << 4U,
  kNull = 1U << 5U,
  kInt = 1U << 6U,
  kLong = 1U << 7U,
};

struct HasType {
  unsigned types;
  bool holds(const Json* value) const { return value != nullptr && (type_of(*value) & types) != 0; }
  int cost() const { return 1; }
  static unsigned type_of(const Json& value);
};

/// A number that leaves this remainder, cut to an integer before.
struct LeavesRemainder {
  std::int64_t divisor;
  std::int64_t remainder;
  bool holds(const Json* value) const;
  int cost() const { return 2; }
};

struct MatchesPattern {
  Pattern pattern;
  bool holds(const Json* value) const {
    const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
    return text != nullptr && pattern.found_in(*text);
  }
  int cost() const { return 20; }
};

/// An array of so many elements.
struct HasSize {
  std::uint64_t size;
  bool holds(const Json* value) const {
    return value != nullptr && value->is_array() && value->size() == size;
  }
  int cost() const { return 1; }
};

/// An array with an element for which the condition holds.
struct HasElement {
  ConditionPtr condition;
  bool holds(const Json* value) const {
    return value != nullptr && value->is_array() &&
           std::any_of(value->begin(), value->end(),
                       [this](const Json& one) { return condition->holds(one); });
  }
  int cost() const { return 3 * condition->cost(); }
};

/// An object for which the conditions hold.
struct IsObjectWith {
  Conditions conditions;
  bool holds(const Json* value) const {
    return value != nullptr && value->is_object() && conditions.hold(*value);
  }
  int cost() const { return 2 + conditions.cost(); }
};

/// Null and missing values included, as queries state them.
ConditionPtr equals(const Path& path, const Json& operand);

template <typename Test, Leaf leaf>
class At final : public Condition {
 public:
  At(Path path, Test test) : path_(std::move(path)), test_(std::move(test)) {}
  bool holds(const Json& value) const override {
    return path_.any<leaf>(value, [this](const Json* at) { return test_.holds(at); });
  }
  int cost() const override { return test_.cost() + static_cast<int>(path_.steps()); }

 private:
  Path path_;
  Test test_;
};

/// One of the values at the path passes the test.
template <Leaf leaf = Leaf::kElements, typename Test>
ConditionPtr at(const Path& path, Test test) {
  return std::make_unique<At<Test, leaf>>(path, std::move(test));
}

}  // namespace lockable::requirements
