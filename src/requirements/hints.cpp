#include "requirements/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "json/show.h"
#include "requirements/order.h"
#include "requirements/spelling.h"

namespace lockable::requirements {
namespace {

constexpr std::size_t kShort = 60;  // bytes of a value in a message

// The plain values that a condition asks for.
std::vector<Json> wanted_values(const Json& operand) {
  if (!operand.is_object()) return {operand};
  std::vector<Json> values;
  for (const char* name : {"$eq", "$gt", "$gte", "$lt", "$lte"})
    if (const auto value = operand.find(name); value != operand.end()) values.push_back(*value);
  for (const char* name : {"$in", "$all"})
    if (const auto list = operand.find(name); list != operand.end())
      values.insert(values.end(), list->begin(), list->end());
  return values;
}

// What a string would be without its quotes: a number, a boolean or null; else discarded.
Json unquoted(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  Json result = text == nullptr ? Json(Json::value_t::discarded) : Json::parse(*text, nullptr, false);
  return result.is_structured() || result.is_string() ? Json(Json::value_t::discarded) : result;
}

const char* kind(const Json& value) {
  return value.is_string()    ? "string"
         : value.is_number()  ? "number"
         : value.is_boolean() ? "boolean"
                              : "null";
}

// The same but for the quotes.
bool differ_in_quotes(const Json& a, const Json& b) {
  const Json plain_a = unquoted(a), plain_b = unquoted(b);
  return (!plain_a.is_discarded() && same(plain_a, b)) || (!plain_b.is_discarded() && same(plain_b, a));
}

}  // namespace

std::string Hints::about(const Stated& condition) const {
  if (condition.path.steps() == 0) return "";
  const bool fits = std::any_of(resources_.begin(), resources_.end(),
                                [&](const Resource& resource) { return condition.holds(resource.info); });
  if (fits) return "";
  std::string hint = about_key(condition.key);
  if (!hint.empty()) return hint;
  for (const Json& wanted : wanted_values(condition.operand)) {
    const Json shown{{condition.key, wanted}};
    if (hide_(shown) == shown) hint = about_value(condition, wanted);
    if (!hint.empty()) return hint;
  }
  return "";
}

// The first part of a dotted key that no resource has.
std::string Hints::about_key(const std::string& key) const {
  for (std::size_t end = 0, start = 0; end != key.npos; start = end + 1) {
    end = key.find('.', start);
    const std::string part = key.substr(start, end == key.npos ? end : end - start);
    const Path above = start == 0 ? Path() : Path(key.substr(0, start - 1));
    std::set<std::string> known;
    bool there = false;
    const auto note = [&](const Json* value) {
      if (value != nullptr && value->is_object())
        for (const auto& item : value->items()) known.insert(item.key());
      there = there || (value != nullptr && value->is_array());  // whose elements a number may pick
      return false;
    };
    for (const Resource& resource : resources_) above.any<Leaf::kElements>(resource.info, note);
    if (there || known.count(part) != 0) continue;
    const auto meant = nearest_word(part, known);
    return fmt::format(
        "no resource has the key {}{}", show(key.substr(0, end), kShort),
        meant ? fmt::format(": is {} meant?", show(key.substr(0, start) + *meant, kShort)) : "");
  }
  return "";
}

std::string Hints::about_value(const Stated& condition, const Json& wanted) const {
  const std::vector<Json> found = values_at(condition);
  const auto quoted = std::find_if(found.begin(), found.end(),
                                   [&](const Json& value) { return differ_in_quotes(wanted, value); });
  if (quoted != found.end())
    return fmt::format("{} = {}: is the {} {} meant, not the {}?", show(condition.key, kShort),
                       show(wanted, kShort), kind(*quoted), show(*quoted, kShort), kind(wanted));
  if (!wanted.is_string()) return "";
  std::set<std::string> texts;
  for (const Json& value : found)
    if (value.is_string()) texts.insert(value.get<std::string>());
  const auto meant = nearest_word(wanted.get<std::string>(), texts);
  if (!meant || *meant == wanted) return "";
  return fmt::format("{} = {}: is {} meant?", show(condition.key, kShort), show(wanted, kShort),
                     show(*meant, kShort));
}

std::vector<Json> Hints::values_at(const Stated& condition) const {
  std::vector<Json> values;
  for (const Resource& resource : resources_)
    condition.path.any<Leaf::kElements>(resource.info, [&values](const Json* value) {
      if (value != nullptr && !value->is_structured()) values.push_back(*value);
      return false;
    });
  return values;
}

}  // namespace lockable::requirements
