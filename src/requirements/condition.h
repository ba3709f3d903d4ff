/// \file
/// What a query was compiled to: a tree of conditions, built once, asked often. Pure; asking allocates
/// nothing.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "requirements/path.h"

namespace lockable::requirements {

/// What is demanded of one value. A new operator is a new kind of Test, and a line in compile.cpp.
class Test {
 public:
  virtual ~Test() = default;
  /// `value` is nullptr when there is none.
  virtual bool holds(const Json* value) const = 0;
};

/// A path and the test that one of the values there must pass.
struct Condition {
  Path path;
  Json stated;  ///< the test as the query stated it, for messages
  std::unique_ptr<const Test> test;

  bool holds(const Json& resource) const {
    return path.any(resource, [this](const Json* value) { return test->holds(value); });
  }
};

/// Several conditions on one object, all of which must hold.
struct Conditions {
  std::vector<Condition> all;

  bool hold(const Json& object) const;
};

/// Equal to a scalar or an array.
std::unique_ptr<const Test> equals(Json operand);
/// Null or missing.
std::unique_ptr<const Test> is_null();
/// An object for which the conditions hold.
std::unique_ptr<const Test> is_object_with(Conditions conditions);
/// One of several tests passes.
std::unique_ptr<const Test> any_of(std::vector<std::unique_ptr<const Test>> tests);

}  // namespace lockable::requirements
