/// \file
/// The parts that compile() consists of: one for objects, one for operators. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "requirements/condition.h"

namespace lockable::requirements {

class Compiler {
 public:
  /// `which` names the query in messages.
  explicit Compiler(std::string which) : which_(std::move(which)) {}

  /// Conditions on an object: keys with what is demanded of them, $and, $or, $nor. `place` is where in the
  /// query it stands, empty at the top.
  std::vector<Stated> object(const Json& object, const std::string& place) const;
  Path path(const std::string& key, const std::string& place) const;
  [[noreturn]] void fail(const std::string& place, const std::string& what) const;

 private:
  friend class Operators;

  ConditionPtr field(const Path& path, const Json& operand, const std::string& place) const;
  ConditionPtr operators(const Path& path, const Json& operand, const std::string& place) const;
  std::vector<Stated> logical(const std::string& name, const Json& operand, const std::string& place) const;

  std::string which_;
};

/// Whether a key says that its object states operators.
inline bool is_operator(std::string_view key) { return !key.empty() && key.front() == '$'; }
/// An object with such a key.
bool states_operators(const Json& value);
/// $and, $or, $nor: they stand beside keys, not under one.
bool is_logical(std::string_view name);
/// Operators that stand under a key.
bool is_field_operator(std::string_view name);
/// $as, $count, $slots.
bool is_reserved(std::string_view name);

}  // namespace lockable::requirements
