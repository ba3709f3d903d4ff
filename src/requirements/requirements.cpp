#include <fmt/format.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

#include <algorithm>
#include <set>

#include "json/show.h"
#include "requirements/compile.h"
#include "requirements/text.h"

namespace lockable {

/// What the elements of the array form say, sorted by kind.
struct Requirements::Elements {
  std::vector<Query> queries;
  std::vector<std::string> same;
  std::vector<Query> preferences;

  static std::shared_ptr<Elements> of(const Json& json);
  template <typename Texts>
  static std::shared_ptr<Elements> of_texts(const Texts& texts);

 private:
  void add(const Json& element, const std::string& which);
  void add_same(const Json& paths, const std::string& which);
  void add_preferences(const Json& list, const std::string& which);
};

namespace {

[[noreturn]] void fail(const std::string& which, const std::string& what) {
  throw InvalidRequirements(which + ": " + what);
}

bool has_only(const Json& element, const char* key, const std::string& which) {
  if (!element.is_object() || !element.contains(key)) return false;
  if (element.size() > 1) fail(which, fmt::format("{} stands in an element of its own", key));
  return true;
}

const Json& checked_list(const Json& list, const char* key, const char* of, const std::string& which) {
  if (!list.is_array() || list.empty())
    fail(which, fmt::format("{}: expected an array of one or more {}, found {}", key, of, show(list, 60)));
  return list;
}

}  // namespace

void Requirements::Elements::add_same(const Json& paths, const std::string& which) {
  for (const Json& path : checked_list(paths, "$same", "keys", which)) {
    std::string text = requirements::checked_path(path, which + ", $same").text();
    if (std::find(same.begin(), same.end(), text) == same.end()) same.push_back(std::move(text));
  }
}

void Requirements::Elements::add_preferences(const Json& list, const std::string& which) {
  for (const Json& query : checked_list(list, "$prefer", "queries", which)) {
    const std::string place = fmt::format("{}, $prefer, query {}", which, &query - &list.front() + 1);
    preferences.push_back(requirements::compile(query, place));
    for (const char* reserved : {"$as", "$count", "$slots"})
      if (query.contains(reserved))
        fail(place, fmt::format("\"{}\" has no meaning in a preference", reserved));
  }
}

void Requirements::Elements::add(const Json& element, const std::string& which) {
  if (has_only(element, "$same", which))
    add_same(element["$same"], which);
  else if (has_only(element, "$prefer", which))
    add_preferences(element["$prefer"], which);
  else
    queries.push_back(requirements::compile(element, which));
}

std::shared_ptr<Requirements::Elements> Requirements::Elements::of(const Json& json) {
  auto result = std::make_shared<Elements>();
  if (!json.is_array()) {
    result->queries.push_back(requirements::compile(json, "requirements"));
    return result;
  }
  for (const Json& element : json)
    result->add(element, fmt::format("requirements, query {}", &element - &json.front() + 1));
  if (result->queries.empty())
    fail("requirements", fmt::format("an {} asks for nothing; write {{}} for any resource",
                                     json.empty() ? "empty array" : "array without a query"));
  return result;
}

template <typename Texts>
std::shared_ptr<Requirements::Elements> Requirements::Elements::of_texts(const Texts& texts) {
  Json all = Json::array();
  for (const auto& text : texts) {
    Json one = requirements::read_text(text);
    if (!one.is_array())
      all.push_back(std::move(one));
    else if (one.empty())
      return of(one);
    else
      all.insert(all.end(), one.begin(), one.end());
  }
  return of(all.size() == 1 && all.front().is_object() ? all.front() : all);
}

Requirements::Requirements() : Requirements("") {}
Requirements::Requirements(const char* text) : Requirements(Elements::of(requirements::read_text(text))) {}
Requirements::Requirements(const std::string& text)
    : Requirements(Elements::of(requirements::read_text(text))) {}
Requirements::Requirements(const Json& json) : Requirements(Elements::of(json)) {}
Requirements::Requirements(std::initializer_list<const char*> texts)
    : Requirements(Elements::of_texts(texts)) {}
Requirements::Requirements(const std::vector<std::string>& texts) : Requirements(Elements::of_texts(texts)) {}

Requirements::Requirements(const std::shared_ptr<Elements>& elements)
    : queries_(std::move(elements->queries)),
      same_(std::move(elements->same)),
      preferences_(std::move(elements->preferences)) {
  check();
}

void Requirements::check() const {
  if (size() > kMaxResources)
    fail("requirements", fmt::format("ask for {} resources, at most {} are possible", size(), kMaxResources));
  std::set<std::string> roles;
  for (const Part& part : parts())
    if (!part.role.empty() && !roles.insert(part.role).second)
      fail("requirements", fmt::format("the role \"{}\" is given twice", part.role));
}

Requirements Requirements::parse(std::string_view text) {
  return Requirements(Elements::of(requirements::read_text(text)));
}

int Requirements::size() const {
  int sum = 0;
  for (const Query& query : queries_) sum += query.count();
  return sum;
}

Json Requirements::json() const {
  if (queries_.size() == 1 && same_.empty() && preferences_.empty()) return queries_.front().json();
  Json all = Json::array();
  for (const Query& query : queries_) all.push_back(query.json());
  if (!same_.empty()) all.push_back({{"$same", same_}});
  Json preferred = Json::array();
  for (const Query& query : preferences_) preferred.push_back(query.json());
  if (!preferred.empty()) all.push_back({{"$prefer", std::move(preferred)}});
  return all;
}

Requirements Requirements::with_defaults(const std::string& hostname) const {
  Requirements complete = *this;
  for (Query& query : complete.queries_) query = query.with_defaults(hostname);
  return complete;
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
