#include "allocation/wake_next.h"

#include <algorithm>

#include "planner/planner.h"

namespace lockable {
namespace {

using planner::Grant;

// Whether each of the resources is granted, and anything at all.
bool serve_somebody(const std::vector<Grant>& grants, const std::vector<std::string>& resource_ids) {
  return !grants.empty() &&
         std::all_of(resource_ids.begin(), resource_ids.end(), [&grants](const std::string& id) {
           return std::any_of(grants.begin(), grants.end(), [&id](const Grant& grant) {
             return std::find(grant.resource_ids.begin(), grant.resource_ids.end(), id) !=
                    grant.resource_ids.end();
           });
         });
}

}  // namespace

void wake_next(LockStore& store, const std::vector<std::string>& given_back) noexcept try {
  Snapshot snapshot = store.snapshot({});
  std::vector<Grant> grants = planner::plan(snapshot);
  if (snapshot.partial && !serve_somebody(grants, given_back)) {
    snapshot = store.snapshot({});  // of all: what came free is for somebody further behind
    grants = planner::plan(snapshot);
  }
  std::vector<std::string> ids;
  ids.reserve(grants.size());
  for (Grant& grant : grants) ids.push_back(std::move(grant.ticket_id));
  store.wake(ids);
} catch (const std::exception&) {
  return;  // those who wait look by themselves within a second
}

}  // namespace lockable
