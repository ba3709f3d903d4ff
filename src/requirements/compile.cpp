#include "requirements/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "json/read_json.h"
#include "json/show.h"
#include "requirements/compiler.h"
#include "requirements/tests.h"

namespace lockable::requirements {
namespace {

constexpr std::size_t kShown = 60;  // bytes of a value in a message
constexpr int kMostSlots = 1'000'000;

std::string checked_role(const Json& role, const Compiler& compiler) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string* text = role.get_ptr<const std::string*>();
  const bool good = text != nullptr && !text->empty() && letter(text->front()) &&
                    std::all_of(text->begin(), text->end(), [&](char c) { return letter(c) || digit(c); });
  if (!good) compiler.fail("$as", "expected a letter, then letters and digits, found " + show(role, kShown));
  return *text;
}

int checked_number(const char* name, const Json& number, int most, const Compiler& compiler) {
  if (!number.is_number_integer() || number < 1 || number > most)
    compiler.fail(name,
                  fmt::format("expected a whole number from 1 to {}, found {}", most, show(number, kShown)));
  return number.get<int>();
}

/// A resource without a number of slots has one.
struct HasSlots {
  int slots;
  bool holds(const Json* value) const {
    if (value == nullptr) return slots == 1;
    return value->is_number_integer() && compare(*value, slots) != Order::kLess;
  }
  int cost() const { return 1; }
};

}  // namespace

void Compiler::fail(const std::string& place, const std::string& what) const {
  const std::string at = place.empty() ? "" : fmt::format(", at {}", show(place, 200));
  throw InvalidRequirements(fmt::format("{}{}: {}", which_, at, what));
}

Path Compiler::path(const std::string& key, const std::string& place) const {
  const std::string dotted = "." + key + ".";
  if (dotted.find("..") != dotted.npos)
    fail(place, "expected a key, or keys joined by single dots; a part of it is empty");
  if (dotted.find(".$") != dotted.npos) fail(place, "a part of a dotted key cannot start with \"$\"");
  if (static_cast<std::size_t>(std::count(key.begin(), key.end(), '.')) >= kMostSteps)
    fail(place, fmt::format("a dotted key of more than {} parts", kMostSteps));
  Path path(key);
  if (path.indices() > kMostIndices)
    fail(place, fmt::format("a dotted key with more than {} numbers", kMostIndices));
  return path;
}

std::vector<Stated> Compiler::object(const Json& object, const std::string& above) const {
  std::vector<Stated> conditions;
  for (const auto& [key, operand] : object.items()) {
    const std::string place = above.empty() ? key : fmt::format("{}.{}", above, key);
    if (is_logical(key)) {
      for (Stated& one : logical(key, operand, place)) conditions.push_back(std::move(one));
      continue;
    }
    if (is_reserved(key)) fail(place, fmt::format("\"{}\" belongs to the top of a query", key));
    if (key == "$same" || key == "$prefer")
      fail(place,
           fmt::format("\"{0}\" is an element of the array of queries: [{{…}}, {{\"{0}\": […]}}]", key));
    if (is_field_operator(key))
      fail(place, fmt::format("{0} needs a key before it: {{\"key\": {{\"{0}\": …}}}}", key));
    if (is_operator(key)) fail(place, fmt::format("unknown operator {}", show(key, kShown)));
    const Path at = path(key, place);
    ConditionPtr condition = field(at, operand, place);
    conditions.push_back({key, at, operand, std::move(condition)});
  }
  return conditions;
}

// $and adds its conditions to those beside it, so that messages can tell them apart.
std::vector<Stated> Compiler::logical(const std::string& name, const Json& operand,
                                      const std::string& place) const {
  if (!operand.is_array() || operand.empty())
    fail(place,
         fmt::format("{}: expected an array of one or more queries, found {}", name, show(operand, kShown)));
  std::vector<Stated> conjunction;
  ConditionList alternatives;
  for (const Json& element : operand) {
    const std::string inner = fmt::format("{}.{}", place, &element - &operand.front());
    if (!element.is_object())
      fail(inner, fmt::format("{}: expected a query, an object, found {}", name, show(element, kShown)));
    std::vector<Stated> stated = object(element, inner);
    if (name == "$and") {
      for (Stated& one : stated) conjunction.push_back(std::move(one));
      continue;
    }
    ConditionList all;
    for (Stated& one : stated) all.push_back(std::move(one.condition));
    alternatives.push_back(all_of(std::move(all)));
  }
  if (name == "$and") return conjunction;
  ConditionPtr any = any_of(std::move(alternatives));
  std::vector<Stated> result;
  result.push_back({name, Path(), operand, name == "$nor" ? negation(std::move(any)) : std::move(any)});
  return result;
}

ConditionPtr Compiler::field(const Path& path, const Json& operand, const std::string& place) const {
  if (!operand.is_object()) return equals(path, operand);
  if (states_operators(operand)) return operators(path, operand, place);
  return at(path, IsObjectWith{Conditions(object(operand, place))});
}

bool states_operators(const Json& value) {
  return value.is_object() && std::any_of(value.items().begin(), value.items().end(),
                                          [](const auto& item) { return is_operator(item.key()); });
}

bool is_reserved(std::string_view name) { return name == "$as" || name == "$count" || name == "$slots"; }
bool is_logical(std::string_view name) { return name == "$and" || name == "$or" || name == "$nor"; }

Query compile(const Json& query, const std::string& which) {
  const Compiler compiler(which);
  if (!query.is_object())
    compiler.fail(
        "", fmt::format("expected a JSON object like {{\"type\": \"dut\"}}, found {}", show(query, kShown)));
  if (too_deep(query)) compiler.fail("", fmt::format("nested deeper than {} levels", kMaxDepth));
  auto compiled = std::make_shared<Query::Compiled>();
  compiled->stated = query;
  Json conditions = query;
  for (const char* name : {"$as", "$count", "$slots"}) conditions.erase(name);
  std::vector<Stated> stated = compiler.object(conditions, "");
  if (const auto role = query.find("$as"); role != query.end())
    compiled->role = checked_role(*role, compiler);
  if (const auto count = query.find("$count"); count != query.end())
    compiled->count = checked_number("$count", *count, kMaxResources, compiler);
  if (const auto slots = query.find("$slots"); slots != query.end()) {
    compiled->slots = checked_number("$slots", *slots, kMostSlots, compiler);
    const Path path("slots");
    stated.push_back(
        {"slots", path, {{"$gte", compiled->slots}}, at<Leaf::kWhole>(path, HasSlots{compiled->slots})});
  }
  compiled->conditions = Conditions(std::move(stated));
  return Query(std::move(compiled));
}

Path checked_path(const Json& key, const std::string& which) {
  const Compiler compiler(which);
  const auto* text = key.get_ptr<const std::string*>();
  if (text == nullptr) compiler.fail("", "expected a key, found " + show(key, kShown));
  return compiler.path(*text, *text);
}

}  // namespace lockable::requirements
