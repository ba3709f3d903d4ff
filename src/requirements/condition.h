/// \file
/// What a query was compiled to: a tree of conditions, built once, asked often. Pure; asking allocates
/// nothing.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "requirements/path.h"

namespace lockable::requirements {

/// What is demanded of a value, mostly of an object.
class Condition {
 public:
  virtual ~Condition() = default;
  /// Throws InvalidRequirements when a regular expression meets its limits.
  virtual bool holds(const Json& value) const = 0;
  /// Roughly how long holds() takes: of several the cheap ones are asked first.
  virtual int cost() const = 0;
};

using ConditionPtr = std::unique_ptr<const Condition>;
using ConditionList = std::vector<ConditionPtr>;

ConditionPtr all_of(ConditionList conditions);
ConditionPtr any_of(ConditionList conditions);
ConditionPtr negation(ConditionPtr condition);

/// A condition of a query as it was stated, for messages.
struct Stated {
  std::string key;  ///< a dotted path, or an operator like $or
  Path path;        ///< of an operator: none, it leads to the resource itself
  Json operand;
  ConditionPtr condition;

  bool holds(const Json& object) const { return condition->holds(object); }
};

/// The conditions of one query or one object in it, all of which must hold.
class Conditions {
 public:
  Conditions() = default;
  explicit Conditions(std::vector<Stated> stated);

  bool hold(const Json& object) const {
    for (const Condition* one : cheap_first_)
      if (!one->holds(object)) return false;
    return true;
  }
  const std::vector<Stated>& stated() const { return stated_; }
  std::vector<Stated> take() && { return std::move(stated_); }
  int cost() const;

 private:
  std::vector<Stated> stated_;
  std::vector<const Condition*> cheap_first_;
};

}  // namespace lockable::requirements
