#include "requirements/text.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

#include "json/read_json.h"
#include "json/show.h"

namespace lockable::requirements {
namespace {

constexpr const char* kForms =
    "expected key=value&key2=value2, a JSON object {…} or a JSON array […] of objects";

[[noreturn]] void fail(std::string_view text, const std::string& what) {
  throw InvalidRequirements(fmt::format("requirements {}: {}", show(Json(text), 200), what));
}

Json meaning(const std::string& value) {
  if (value == "true") return true;
  if (value == "false") return false;
  if (value == "null") return nullptr;
  const Json number = Json::accept(value) ? Json::parse(value) : Json();
  return number.is_number() ? Json{{"$in", {value, number}}} : Json(value);
}

void add_pair(Json& query, std::string_view pair, std::string_view text) {
  const auto equals = pair.find('=');
  if (equals == pair.npos) fail(text, fmt::format("{} has no '='; {}", show(Json(pair), 60), kForms));
  const std::string key(pair.substr(0, equals));
  const std::string value(pair.substr(equals + 1));
  if (key.empty()) fail(text, fmt::format("{} has no key before '='; {}", show(Json(pair), 60), kForms));
  if (value.empty())
    fail(text,
         fmt::format("{} has no value; for one that is missing or null write {}=null", show(key, 60), key));
  if (query.contains(key)) fail(text, fmt::format("{} is stated twice", show(key, 60)));
  if (key.find_first_of(" \t\r\n") == 0 || key.find_last_of(" \t\r\n") == key.size() - 1)
    fail(text, fmt::format("{} begins or ends with a space", show(key, 60)));
  query[key] = meaning(value);
}

Json read_pairs(std::string_view text) {
  Json query = Json::object();
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('&', start), text.size());
    add_pair(query, text.substr(start, end - start), text);
    start = end + 1;
  }
  return query;
}

}  // namespace

Json read_text(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return Json::object();
  if (text[first] != '{' && text[first] != '[') {
    if (!valid_utf8(text)) fail(text, "is not valid UTF-8");
    return read_pairs(text);
  }
  try {
    return read_json(text);
  } catch (const SyntaxError& error) {
    fail(text, error.what());
  }
}

}  // namespace lockable::requirements
