#include "requirements/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "json/read_json.h"
#include "json/show.h"

namespace lockable::requirements {
namespace {

using Tests = std::vector<std::unique_ptr<const Test>>;

class Compiler {
 public:
  explicit Compiler(std::string which) : which_(std::move(which)) {}

  Query compile(const Json& query) const {
    if (!query.is_object())
      fail("", fmt::format("expected a JSON object like {{\"type\": \"dut\"}}, found {}", show(query, 60)));
    if (too_deep(query)) fail("", fmt::format("nested deeper than {} levels", kMaxDepth));
    auto compiled = std::make_shared<Query::Compiled>();
    compiled->stated = query;
    Json conditions = query;
    if (const auto role = query.find("$as"); role != query.end()) compiled->role = checked_role(*role);
    if (const auto count = query.find("$count"); count != query.end())
      compiled->count = checked_count(*count);
    conditions.erase("$as");
    conditions.erase("$count");
    compiled->conditions = compile_object(conditions, "");
    return Query(std::move(compiled));
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& what) const {
    const std::string at = place.empty() ? "" : fmt::format(", at {}", show(place, 200));
    throw InvalidRequirements(fmt::format("{}{}: {}", which_, at, what));
  }

  std::string checked_role(const Json& role) const {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const std::string* text = role.get_ptr<const std::string*>();
    const bool good = text != nullptr && !text->empty() && letter(text->front()) &&
                      std::all_of(text->begin(), text->end(), [&](char c) { return letter(c) || digit(c); });
    if (!good) fail("$as", "expected a letter, then letters and digits, found " + show(role, 60));
    return *text;
  }

  int checked_count(const Json& count) const {
    const bool good = count.is_number_integer() && count >= 1 && count <= kMaxResources;
    if (!good)
      fail("$count",
           fmt::format("expected a whole number from 1 to {}, found {}", kMaxResources, show(count, 60)));
    return count.get<int>();
  }

  Conditions compile_object(const Json& object, const std::string& above) const {
    Conditions conditions;
    for (const auto& [key, operand] : object.items()) {
      const std::string place = above.empty() ? key : fmt::format("{}.{}", above, key);
      check_key(key, place);
      conditions.all.push_back({Path(key), operand, compile_operand(operand, place)});
    }
    return conditions;
  }

  void check_key(const std::string& key, const std::string& place) const {
    if (key.rfind('$', 0) == 0) {
      if (key == "$as" || key == "$count")
        fail(place, fmt::format("\"{}\" belongs to the top of a query", key));
      fail(place, fmt::format("unknown operator {}", show(key, 60)));
    }
    const std::string dotted = "." + key + ".";
    if (dotted.find("..") != dotted.npos)
      fail(place, "expected a key, or keys joined by single dots; a part of it is empty");
    if (dotted.find(".$") != dotted.npos) fail(place, "a part of a dotted key cannot start with \"$\"");
  }

  std::unique_ptr<const Test> compile_operand(const Json& operand, const std::string& place) const {
    if (operand.is_null()) return is_null();
    if (!operand.is_object()) return equals(operand);
    const bool operators = std::any_of(operand.items().begin(), operand.items().end(),
                                       [](const auto& item) { return item.key().rfind('$', 0) == 0; });
    if (!operators) return is_object_with(compile_object(operand, place));
    if (operand.size() > 1) check_not_mixed(operand, place);
    return compile_operator(operand.begin().key(), *operand.begin(), place);
  }

  [[noreturn]] void check_not_mixed(const Json& operand, const std::string& place) const {
    for (const auto& item : operand.items()) {
      if (item.key().rfind('$', 0) != 0)
        fail(place, fmt::format("mixes operators with the plain key {}: state one or the other",
                                show(item.key(), 60)));
      if (item.key() != "$eq" && item.key() != "$in")
        fail(place, fmt::format("unknown operator {}", show(item.key(), 60)));
    }
    fail(place, "states both $eq and $in: one is enough");
  }

  std::unique_ptr<const Test> compile_operator(const std::string& name, const Json& operand,
                                               const std::string& place) const {
    if (name == "$eq") return whole(operand);
    if (name != "$in") fail(place, fmt::format("unknown operator {}", show(name, 60)));
    if (!operand.is_array()) fail(place, "$in: expected an array of values, found " + show(operand, 60));
    Tests tests;
    for (const Json& value : operand) tests.push_back(whole(value));
    return any_of(std::move(tests));
  }

  static std::unique_ptr<const Test> whole(const Json& value) {
    return value.is_null() ? is_null() : equals(value);
  }

  std::string which_;
};

}  // namespace

Query compile(const Json& query, const std::string& which) { return Compiler(which).compile(query); }

}  // namespace lockable::requirements
