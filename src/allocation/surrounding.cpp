#include "allocation/surrounding.h"

#include <algorithm>

#include "allocation/allocation_impl.h"
#include "allocation/fixture.h"
#include "allocation/owner.h"
#include "json/read_json.h"
#include "platform/environment.h"
#include "platform/folder.h"
#include "platform/time_text.h"

namespace lockable {
namespace {

constexpr std::size_t kLimit = std::size_t{256} * 1024 * 1024;

std::string environment_text() {
  const std::string path = platform::environment_variable("LOCKABLE_ALLOCATIONS_FILE");
  if (path.empty()) return platform::environment_variable("LOCKABLE_ALLOCATIONS");
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return "";
  const auto folder = platform::Folder::open(path.substr(0, slash + 1));
  const auto file = folder.open_if_there(path.substr(slash + 1), platform::Access::kRead);
  return file ? platform::read_start(file.get(), kLimit, path) : "";
}

// Of the variables alone.
std::vector<Json> handed_down() try {
  std::vector<Json> result;
  const std::string text = environment_text();
  if (text.empty()) return result;
  const Json all = read_json(text);
  if (!all.is_array()) return result;
  for (const Json& element : all)
    if (describes_allocation(element)) result.push_back(element);
  return result;
} catch (const SyntaxError&) {
  return {};
} catch (const Error&) {
  return {};  // the file is gone, so is whoever held them
}

}  // namespace

bool describes_allocation(const Json& element) {
  if (!element.is_object()) return false;
  for (const char* key : {"alloc_id", "resource_id", "store", "handle"}) {
    const auto value = element.find(key);
    if (value == element.end() || !value->is_string() || value->get_ref<const std::string&>().empty())
      return false;
  }
  if (!element.value("fencing_token", Json(0U)).is_number_unsigned()) return false;
  const auto resource = element.find("resource");
  return resource != element.end() && resource->is_object();
}

Json for_children(const Allocation& allocation) {
  const Allocation::Impl& impl = *allocation.impl_;
  return {{"alloc_id", impl.alloc_id},
          {"handle", impl.handle},
          {"resource_id", impl.resource_id},
          {"role", impl.role},
          {"resource", impl.resource_info},
          {"requirements", impl.requirements},
          {"store", impl.store->uri()},
          {"fencing_token", impl.fencing_token},
          {"queue_time_ms", std::chrono::duration<double, std::milli>(impl.queue_time).count()},
          {"start_time", platform::iso8601(impl.start_time)}};
}

std::vector<Json> surrounding_allocations() {
  std::vector<Json> result;
  for (Fixture& fixture : required_fixtures())
    for (Json& element : fixture.allocations) result.push_back(std::move(element));
  for (Json& element : handed_down()) {
    // What a fixture itself adopted is the fixture's.
    const bool known = std::any_of(result.begin(), result.end(), [&element](const Json& other) {
      return other.at("alloc_id") == element.at("alloc_id");
    });
    if (!known) result.push_back(std::move(element));
  }
  return result;
}

}  // namespace lockable
