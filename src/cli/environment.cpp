#include "cli/environment.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "allocation/variables.h"
#include "cli/protected_names.h"

namespace lockable::cli {
namespace {

constexpr const char* kBareNames = "LOCKABLE_BARE_NAMES";

class Builder {
 public:
  explicit Builder(CommandEnvironment& result) : result_(result) {}

  bool set(const Variable& variable) {
    if (const std::string why = why_not_exported(variable); !why.empty()) return warn("{}", why);
    if (!set_.emplace(variable.name, variable.value).second)
      return warn("{} stands for more than one key; {} is left out", variable.name, variable.what);
    return true;
  }

  void set_all(const std::string& prefix, const Json& object) {
    for (const Variable& variable : variables_of(object, prefix)) set(variable);
  }

  void set_bare(const Json& resource) {
    std::string names;
    for (const auto& [key, value] : resource.items()) {
      const std::string name = variable_name(key);
      if (value.is_null() || key.empty()) continue;
      if (is_protected(name) || (name.front() >= '0' && name.front() <= '9')) {
        warn("{0} is not set from the resource's key \"{1}\", since it {2}; use LOCKABLE_RESOURCE_{0}", name,
             key, is_protected(name) ? "alters how programs run" : "is no name of a variable");
      } else if (set({name, variable_text(value), key})) {
        names += (names.empty() ? "" : ",") + name;
      }
    }
    set({kBareNames, names, "the list of names"});
  }

  const std::map<std::string, std::string>& variables() const { return set_; }

 private:
  template <typename... Args>
  bool warn(const char* format, const Args&... args) {
    result_.warnings.push_back(fmt::format(fmt::runtime(format), args...));
    return false;
  }

  CommandEnvironment& result_;
  std::map<std::string, std::string> set_;
};

std::set<std::string> names_of_outer(const std::vector<std::string>& inherited) {
  const std::string start = std::string(kBareNames) + "=";
  std::set<std::string> names;
  for (const std::string& variable : inherited) {
    if (variable.rfind(start, 0) != 0) continue;
    for (std::size_t at = start.size(); at < variable.size();) {
      const auto end = std::min(variable.find(',', at), variable.size());
      names.insert(variable.substr(at, end - at));
      at = end + 1;
    }
  }
  return names;
}

bool about_outer_resource(const std::string& name) {
  if (name == kBareNames || name == "LOCKABLE_ALLOCATIONS" || name == "LOCKABLE_ALLOCATIONS_FILE" ||
      name == "LOCKABLE_FIXTURES")
    return true;
  return name.rfind("LOCKABLE_RESOURCE_", 0) == 0 || name.rfind("LOCKABLE_ROLE_", 0) == 0;
}

}  // namespace

CommandEnvironment command_environment(const std::vector<std::string>& inherited,
                                       const std::vector<Json>& ours, const std::vector<Json>& outer,
                                       bool bare_names) {
  CommandEnvironment result;
  Builder builder(result);
  builder.set_all("LOCKABLE_RESOURCE_", ours.front().at("resource"));
  for (const Json& allocation : ours) {
    const std::string role = allocation.value("role", "");
    if (!role.empty())
      builder.set_all("LOCKABLE_ROLE_" + variable_name(role) + "_", allocation.at("resource"));
  }
  if (bare_names) builder.set_bare(ours.front().at("resource"));

  Json all = ours;
  for (const Json& allocation : outer) all.push_back(allocation);
  std::string allocations = all.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (allocations.size() > kLongestValue)
    result.allocations = std::move(allocations);
  else
    builder.set({"LOCKABLE_ALLOCATIONS", allocations, "the list of allocations"});

  const std::set<std::string> outer_names = names_of_outer(inherited);
  for (const std::string& variable : inherited) {
    const std::string name = variable.substr(0, variable.find('='));
    if (outer_names.count(name) == 0 && !about_outer_resource(name) && builder.variables().count(name) == 0)
      result.variables.push_back(variable);
  }
  for (const auto& [name, value] : builder.variables())
    result.variables.push_back(fmt::format("{}={}", name, value));
  return result;
}

}  // namespace lockable::cli
