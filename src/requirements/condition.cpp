#include "requirements/condition.h"

#include <algorithm>

#include "requirements/equality.h"

namespace lockable::requirements {
namespace {

class Equals : public Test {
 public:
  explicit Equals(Json operand) : operand_(std::move(operand)) {}
  bool holds(const Json* value) const override { return value != nullptr && same(*value, operand_); }

 private:
  Json operand_;
};

class IsNull : public Test {
 public:
  bool holds(const Json* value) const override { return value == nullptr || value->is_null(); }
};

class IsObjectWith : public Test {
 public:
  explicit IsObjectWith(Conditions conditions) : conditions_(std::move(conditions)) {}
  bool holds(const Json* value) const override {
    return value != nullptr && value->is_object() && conditions_.hold(*value);
  }

 private:
  Conditions conditions_;
};

class AnyOf : public Test {
 public:
  explicit AnyOf(std::vector<std::unique_ptr<const Test>> tests) : tests_(std::move(tests)) {}
  bool holds(const Json* value) const override {
    return std::any_of(tests_.begin(), tests_.end(),
                       [value](const auto& test) { return test->holds(value); });
  }

 private:
  std::vector<std::unique_ptr<const Test>> tests_;
};

}  // namespace

bool Conditions::hold(const Json& object) const {
  return std::all_of(all.begin(), all.end(), [&object](const Condition& one) { return one.holds(object); });
}

std::unique_ptr<const Test> equals(Json operand) { return std::make_unique<Equals>(std::move(operand)); }
std::unique_ptr<const Test> is_null() { return std::make_unique<IsNull>(); }
std::unique_ptr<const Test> is_object_with(Conditions conditions) {
  return std::make_unique<IsObjectWith>(std::move(conditions));
}
std::unique_ptr<const Test> any_of(std::vector<std::unique_ptr<const Test>> tests) {
  return std::make_unique<AnyOf>(std::move(tests));
}

}  // namespace lockable::requirements
