/// \file
/// From a query's JSON to its conditions; every malformed one is found here, whatever the data. Pure.
#pragma once

#include <lockable/error.h>
#include <lockable/requirements.h>

#include <string>

#include "requirements/condition.h"

namespace lockable {

struct Query::Compiled {
  Json stated;
  std::string role;
  int count = 1;
  requirements::Conditions conditions;
};

namespace requirements {

/// Throws InvalidRequirements; `which` names the query in messages, "requirements" or "requirements, query
/// 2".
Query compile(const Json& query, const std::string& which);

}  // namespace requirements
}  // namespace lockable
