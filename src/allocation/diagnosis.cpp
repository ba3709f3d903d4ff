#include "allocation/diagnosis.h"

#include "allocation/candidates.h"
#include "json/secrets.h"
#include "planner/planner.h"
#include "requirements/explain.h"

namespace lockable {

Diagnosis diagnose(const Requirements& requirements, const Inventory& inventory, const std::string& hostname,
                   const std::vector<std::string>& secret_keys) {
  Diagnosis diagnosis;
  diagnosis.complete = requirements.with_defaults(hostname);
  for (const Query& query : diagnosis.complete.queries()) {
    std::vector<std::string>& ids = diagnosis.matches.emplace_back();
    for (const Resource& resource : inventory.resources())
      if (query.matches(resource.info)) ids.push_back(resource.id);
  }
  diagnosis.best = planner::best(wants_of(diagnosis.complete, inventory));
  if (diagnosis.best.empty())
    diagnosis.text = explain(diagnosis.complete, inventory.resources(), inventory.source(),
                             [&](const Json& value) { return redacted(value, secret_keys); });
  return diagnosis;
}

}  // namespace lockable
