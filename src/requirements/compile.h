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
  int slots = 0;  // 0: the whole resource
  requirements::Conditions conditions;
};

namespace requirements {

/// Throws InvalidRequirements; `which` names the query in messages, "requirements" or "requirements, query
/// 2".
Query compile(const Json& query, const std::string& which);

/// Splits a dotted key; throws InvalidRequirements naming `which` when it is none.
Path checked_path(const Json& key, const std::string& which);

}  // namespace requirements
}  // namespace lockable
