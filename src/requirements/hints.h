/// \file
/// What was probably meant by a condition that no resource fulfils. Pure.
#pragma once

#include <lockable/provider.h>

#include <string>
#include <vector>

#include "requirements/condition.h"
#include "requirements/explain.h"

namespace lockable::requirements {

class Hints {
 public:
  /// Both must outlive it.
  Hints(const std::vector<Resource>& resources, const HideSecrets& hide)
      : resources_(resources), hide_(hide) {}

  /// One line: a misspelt key or value, or a value of the wrong type. Empty when some resource fulfils the
  /// condition, or nothing comes to mind.
  std::string about(const Stated& condition) const;

 private:
  std::string about_key(const std::string& key) const;
  std::string about_value(const Stated& condition, const Json& wanted) const;
  std::vector<Json> values_at(const Stated& condition) const;

  const std::vector<Resource>& resources_;
  const HideSecrets& hide_;
};

}  // namespace lockable::requirements
