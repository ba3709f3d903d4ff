#include <fmt/format.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

#include <set>

#include "json/show.h"
#include "requirements/compile.h"
#include "requirements/text.h"

namespace lockable {
namespace {

std::vector<Query> queries_of(const Json& json) {
  if (!json.is_array()) return {requirements::compile(json, "requirements")};
  if (json.empty())
    throw InvalidRequirements("requirements: an empty array asks for nothing; write {} for any resource");
  std::vector<Query> queries;
  for (const Json& element : json)
    queries.push_back(
        requirements::compile(element, fmt::format("requirements, query {}", queries.size() + 1)));
  return queries;
}

template <typename Texts>
std::vector<Query> queries_of_texts(const Texts& texts) {
  Json all = Json::array();
  for (const auto& text : texts) {
    Json one = requirements::read_text(text);
    if (!one.is_array())
      all.push_back(std::move(one));
    else if (one.empty())
      return queries_of(one);
    else
      all.insert(all.end(), one.begin(), one.end());
  }
  return queries_of(all.size() == 1 && all.front().is_object() ? all.front() : all);
}

}  // namespace

Requirements::Requirements() : Requirements("") {}
Requirements::Requirements(const char* text) : Requirements(queries_of(requirements::read_text(text))) {}
Requirements::Requirements(const std::string& text)
    : Requirements(queries_of(requirements::read_text(text))) {}
Requirements::Requirements(const Json& json) : Requirements(queries_of(json)) {}
Requirements::Requirements(std::initializer_list<const char*> texts)
    : Requirements(queries_of_texts(texts)) {}
Requirements::Requirements(const std::vector<std::string>& texts) : Requirements(queries_of_texts(texts)) {}

Requirements::Requirements(std::vector<Query> queries) : queries_(std::move(queries)) {
  if (size() > kMaxResources)
    throw InvalidRequirements(
        fmt::format("requirements: ask for {} resources, at most {} are possible", size(), kMaxResources));
  std::set<std::string> roles;
  for (const Part& part : parts())
    if (!part.role.empty() && !roles.insert(part.role).second)
      throw InvalidRequirements(fmt::format("requirements: the role \"{}\" is given twice", part.role));
}

Requirements Requirements::parse(std::string_view text) {
  return Requirements(queries_of(requirements::read_text(text)));
}

int Requirements::size() const {
  int sum = 0;
  for (const Query& query : queries_) sum += query.count();
  return sum;
}

Json Requirements::json() const {
  if (queries_.size() == 1) return queries_.front().json();
  Json all = Json::array();
  for (const Query& query : queries_) all.push_back(query.json());
  return all;
}

Requirements Requirements::with_defaults(const std::string& hostname) const {
  std::vector<Query> complete;
  for (const Query& query : queries_) complete.push_back(query.with_defaults(hostname));
  return Requirements(std::move(complete));
}

std::vector<Requirements::Part> Requirements::parts() const {
  std::vector<Part> parts;
  for (const Query& query : queries_) {
    const bool numbered = query.count() > 1 && !query.role().empty();
    for (int i = 1; i <= query.count(); ++i)
      parts.push_back({query, numbered ? query.role() + std::to_string(i) : query.role()});
  }
  return parts;
}

}  // namespace lockable
