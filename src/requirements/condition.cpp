#include "requirements/condition.h"

#include <algorithm>

namespace lockable::requirements {
namespace {

int sum_of_costs(const ConditionList& conditions) {
  int sum = 1;
  for (const auto& condition : conditions) sum += condition->cost();
  return sum;
}

class Several : public Condition {
 public:
  explicit Several(ConditionList conditions)
      : conditions_(std::move(conditions)), cost_(sum_of_costs(conditions_)) {
    std::stable_sort(conditions_.begin(), conditions_.end(),
                     [](const auto& a, const auto& b) { return a->cost() < b->cost(); });
  }
  int cost() const override { return cost_; }

 protected:
  const ConditionList& conditions() const { return conditions_; }

 private:
  ConditionList conditions_;
  int cost_;
};

class All : public Several {
 public:
  using Several::Several;
  bool holds(const Json& value) const override {
    return std::all_of(conditions().begin(), conditions().end(),
                       [&value](const auto& one) { return one->holds(value); });
  }
};

class Any : public Several {
 public:
  using Several::Several;
  bool holds(const Json& value) const override {
    return std::any_of(conditions().begin(), conditions().end(),
                       [&value](const auto& one) { return one->holds(value); });
  }
};

class Negation : public Condition {
 public:
  explicit Negation(ConditionPtr condition) : condition_(std::move(condition)) {}
  bool holds(const Json& value) const override { return !condition_->holds(value); }
  int cost() const override { return condition_->cost(); }

 private:
  ConditionPtr condition_;
};

}  // namespace

ConditionPtr all_of(ConditionList conditions) {
  if (conditions.size() == 1) return std::move(conditions.front());
  return std::make_unique<All>(std::move(conditions));
}

ConditionPtr any_of(ConditionList conditions) {
  if (conditions.size() == 1) return std::move(conditions.front());
  return std::make_unique<Any>(std::move(conditions));
}

ConditionPtr negation(ConditionPtr condition) { return std::make_unique<Negation>(std::move(condition)); }

Conditions::Conditions(std::vector<Stated> stated) : stated_(std::move(stated)) {
  for (const Stated& one : stated_) cheap_first_.push_back(one.condition.get());
  std::stable_sort(cheap_first_.begin(), cheap_first_.end(),
                   [](const Condition* a, const Condition* b) { return a->cost() < b->cost(); });
}

int Conditions::cost() const {
  int sum = 1;
  for (const Condition* one : cheap_first_) sum += one->cost();
  return sum;
}

}  // namespace lockable::requirements
