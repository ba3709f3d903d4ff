/// \file
/// Which resources of an inventory would do for a request.
#pragma once

#include <lockable/lock_store.h>
#include <lockable/provider.h>
#include <lockable/requirements.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockable {

/// For each part of the requirements (defaults added), in order: the resources that match, the preferred
/// first, otherwise in the inventory's order. Throws InvalidRequirements (Query::matches).
Wants wants_of(const Requirements& complete, const std::vector<const Resource*>& resources);
/// Of all its resources.
Wants wants_of(const Requirements& complete, const Inventory& inventory);

/// The query, with conditions added so that what matches agrees with that resource on the paths of `$same`.
Json agreeing(Json query, const Requirements& requirements, const Json& resource);

/// Remembers what wants_of() said while the inventory does not change: programs ask for the same again and
/// again. Any thread may call.
class Candidates {
 public:
  Wants of(const Requirements& complete, const std::shared_ptr<const Inventory>& inventory);

 private:
  std::mutex mutex_;
  std::shared_ptr<const Inventory> inventory_;  // what is known is about this one
  std::map<std::string, Wants> known_;          // by the requirements' text
};

}  // namespace lockable
