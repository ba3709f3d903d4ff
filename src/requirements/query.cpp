#include <lockable/requirements.h>

#include "requirements/compile.h"
#include "requirements/text.h"

namespace lockable {

Query Query::parse(std::string_view text) { return from_json(requirements::read_text(text)); }
Query Query::from_json(const Json& object) { return requirements::compile(object, "requirements"); }

bool Query::matches(const Json& resource) const {
  return resource.is_object() && compiled_->conditions.hold(resource);
}

Query Query::with_defaults(const std::string& hostname) const {
  Json complete = json();
  const auto add = [&complete](const char* key, const Json& value) {
    const auto stated = complete.find(key);
    if (stated == complete.end())
      complete[key] = value;
    else if (stated->is_null())
      complete.erase(stated);
  };
  add("hostname", hostname);
  add("online", true);
  return from_json(complete);
}

const Json& Query::json() const { return compiled_->stated; }
const std::string& Query::role() const { return compiled_->role; }
int Query::count() const { return compiled_->count; }
int Query::slots() const { return compiled_->slots; }

}  // namespace lockable
