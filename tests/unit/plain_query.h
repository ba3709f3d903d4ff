/// \file
/// What a query means, said as plainly as possible and without a look at src/requirements: slow, and meant to
/// be read beside MongoDB's manual. For well-formed queries without reserved keys.
#pragma once

#include <nlohmann/json.hpp>

namespace lockable::testing {

bool plainly_matches(const nlohmann::json& query, const nlohmann::json& resource);

}  // namespace lockable::testing
