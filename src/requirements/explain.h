/// \file
/// Why a request can never be served: text for ResourceNotFound. Pure.
#pragma once

#include <lockable/provider.h>
#include <lockable/requirements.h>

#include <functional>
#include <string>
#include <vector>

namespace lockable {

/// Gives a JSON value back with its secret values hidden.
using HideSecrets = std::function<Json(const Json&)>;

/// For requirements (defaults added) that the resources cannot serve: how many fail which condition, the
/// nearest resources with what excludes them and the value found, likely mistakes; or that too few resources
/// are there for all queries, or too few that agree. About ten lines. `source` names the inventory.
std::string explain(const Requirements& requirements, const std::vector<Resource>& resources,
                    const std::string& source, const HideSecrets& hide);

}  // namespace lockable
