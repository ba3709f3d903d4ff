// `[query, document, …]`: matched, explained; never more than an error, and the negation answers the
// opposite.
#include <lockable/error.h>
#include <lockable/provider.h>
#include <lockable/requirements.h>

#include <cstdint>
#include <cstdlib>

#include "json/read_json.h"
#include "requirements/explain.h"

namespace {

using lockable::Json;
using lockable::Query;

void check(const Json& input) {
  const Query query = Query::from_json(input.at(0));
  Json conditions = input.at(0);
  for (const char* reserved : {"$as", "$count", "$slots"}) conditions.erase(reserved);
  const Query plain = Query::from_json(conditions);
  const Query opposite = Query::from_json({{"$nor", {conditions}}});
  std::vector<lockable::Resource> resources;
  for (std::size_t i = 1; i < input.size(); ++i) {
    query.matches(input[i]);
    if (!input[i].is_object()) continue;
    if (plain.matches(input[i]) == opposite.matches(input[i])) std::abort();
    resources.push_back({std::to_string(i), input[i]});
  }
  lockable::explain(lockable::Requirements(input.at(0)), resources, "fuzz",
                    [](const Json& value) { return value; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Json input = lockable::read_json({reinterpret_cast<const char*>(data), size});
    if (input.is_array() && input.size() > 1 && input.size() < 8) check(input);
  } catch (const lockable::SyntaxError&) {
    return 0;
  } catch (const lockable::InvalidRequirements&) {
    return 0;
  }
  return 0;
}
