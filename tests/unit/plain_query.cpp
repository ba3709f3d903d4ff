#include "plain_query.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace lockable::testing {
namespace {

using Json = nlohmann::json;
using Value = std::optional<Json>;  // nothing: missing
using Values = std::vector<Value>;
using Parts = std::vector<std::string>;

// Holds every 64-bit integer and every double exactly.
using Number = long double;
static_assert(std::numeric_limits<Number>::digits >= 64);

Number number(const Json& value) {
  if (value.is_number_float()) return static_cast<Number>(value.get<double>());
  if (value.is_number_unsigned()) return static_cast<Number>(value.get<std::uint64_t>());
  return static_cast<Number>(value.get<std::int64_t>());
}

std::string kind(const Json& value) { return value.type_name(); }  // all numbers are one kind

int sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

// -1, 0 or 1, for values of any kind: kinds are ordered too, which matters inside arrays and objects.
int compare(const Json& a, const Json& b) {
  const std::vector<std::string> kinds{"null", "number", "string", "object", "array", "boolean"};
  const auto place = [&kinds](const Json& v) {
    return std::find(kinds.begin(), kinds.end(), kind(v)) - kinds.begin();
  };
  if (kind(a) != kind(b)) return sign(place(a) < place(b), place(a) > place(b));
  if (a.is_number()) return sign(number(a) < number(b), number(a) > number(b));
  if (a.is_string())
    return sign(a.get<std::string>() < b.get<std::string>(), a.get<std::string>() > b.get<std::string>());
  if (a.is_boolean()) return sign(!a.get<bool>() && b.get<bool>(), a.get<bool>() && !b.get<bool>());
  if (a.is_null()) return 0;
  auto x = a.begin(), y = b.begin();
  for (; x != a.end() && y != b.end(); ++x, ++y) {
    if (a.is_object() && kind(*x) != kind(*y)) return compare(*x, *y);
    if (a.is_object() && x.key() != y.key()) return x.key() < y.key() ? -1 : 1;
    if (const int order = compare(*x, *y); order != 0) return order;
  }
  return sign(a.size() < b.size(), a.size() > b.size());
}

bool equal(const Value& value, const Json& operand) {
  if (!value) return operand.is_null();
  return kind(*value) == kind(operand) && compare(*value, operand) == 0;
}

Parts split(const std::string& path) {
  Parts parts{""};
  for (const char c : path) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::optional<std::size_t> index(const std::string& part, const Json& array) {
  for (std::size_t i = 0; i < array.size(); ++i)
    if (part == std::to_string(i)) return i;
  return std::nullopt;
}

// Where a path ends. An array that an index picked stands for itself only.
struct End {
  Value value;
  bool picked = false;
};

std::vector<End> ends(const Json& from, Parts parts) {
  if (parts.empty()) return {{from, false}};
  const std::string first = parts.front();
  const Parts rest(parts.begin() + 1, parts.end());
  if (from.is_object())
    return from.contains(first) ? ends(from.at(first), rest) : std::vector<End>{{std::nullopt}};
  if (!from.is_array()) return {{std::nullopt}};
  std::vector<End> all;
  const auto add = [&all](const std::vector<End>& more) { all.insert(all.end(), more.begin(), more.end()); };
  for (const Json& element : from)
    if (element.is_object()) add(ends(element, parts));
  if (const auto i = index(first, from)) {
    if (rest.empty())
      add({{from.at(*i), true}});
    else if (from.at(*i).is_structured())
      add(ends(from.at(*i), rest));
  }
  return all;
}

// The values a condition is tried on: arrays give their elements, then themselves.
Values values(const std::vector<End>& from) {
  Values all;
  for (const End& end : from) {
    if (end.value && end.value->is_array() && !end.picked)
      all.insert(all.end(), end.value->begin(), end.value->end());
    all.push_back(end.value);
  }
  return all;
}

template <typename Holds>
bool any(const Values& values, Holds holds) {
  return std::any_of(values.begin(), values.end(), holds);
}

bool ordered(const Values& values, const Json& operand, int wanted, bool or_equal) {
  return any(values, [&](const Value& value) {
    if (!value) return or_equal && operand.is_null();
    if (kind(*value) != kind(operand)) return false;
    const int order = compare(*value, operand);
    return order == wanted || (or_equal && order == 0);
  });
}

bool of_type(const Json& value, const Json& type) {
  if (type.is_array())
    return std::any_of(type.begin(), type.end(), [&](const Json& one) { return of_type(value, one); });
  const bool small = value.is_number_integer() && std::fabs(number(value) + 0.5L) < 2147483648.0L;
  const std::map<std::string, bool> holds{{"double", value.is_number_float()},
                                          {"string", value.is_string()},
                                          {"object", value.is_object()},
                                          {"array", value.is_array()},
                                          {"bool", value.is_boolean()},
                                          {"null", value.is_null()},
                                          {"int", small},
                                          {"long", value.is_number_integer() && !small},
                                          {"number", value.is_number()}};
  const std::map<int, std::string> names{{1, "double"}, {2, "string"}, {3, "object"}, {4, "array"},
                                         {8, "bool"},   {10, "null"},  {16, "int"},   {18, "long"}};
  return holds.at(type.is_string() ? type.get<std::string>() : names.at(type.get<int>()));
}

bool leaves_remainder(const Json& value, const Json& operand) {
  if (!value.is_number()) return false;
  const Number whole = std::trunc(number(value));
  if (value.is_number_float() && !(whole >= -0x1p63L && whole < 0x1p63L)) return false;
  return std::fmod(whole, std::trunc(number(operand[0]))) == std::trunc(number(operand[1]));
}

bool found(const std::string& text, const std::string& pattern, const std::string& options) {
  static std::map<std::pair<std::string, std::string>, std::regex> known;
  const auto flags = options == "i" ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript;
  const auto made = known.try_emplace({pattern, options}, pattern, flags).first;
  return std::regex_search(text, made->second);
}

bool holds(const std::string& name, const Json& operand, const Json& all, const std::vector<End>& at);

bool all_hold(const Json& operators, const std::vector<End>& at) {
  for (const auto& [name, operand] : operators.items())
    if (!holds(name, operand, operators, at)) return false;
  return true;
}

bool states_operators(const Json& value) {
  return value.is_object() && !value.empty() && value.begin().key().front() == '$';
}

bool has_element(const Json& array, const Json& operand) {
  if (!array.is_array()) return false;
  for (const Json& element : array) {
    const bool logical = operand.contains("$and") || operand.contains("$or") || operand.contains("$nor");
    if (states_operators(operand) && !logical) {
      if (all_hold(operand, {{element, true}})) return true;
    } else if (element.is_object()) {
      if (plainly_matches(operand, element)) return true;
    } else if (element.is_array()) {  // like an object with keys 0, 1 …
      Json object = Json::object();
      for (std::size_t i = 0; i < element.size(); ++i) object[std::to_string(i)] = element[i];
      if (plainly_matches(operand, object)) return true;
    }
  }
  return false;
}

bool holds(const std::string& name, const Json& operand, const Json& all, const std::vector<End>& at) {
  const Values tried = values(at);
  const auto is = [&](const Json& other) {
    return any(tried, [&](const Value& v) { return equal(v, other); });
  };
  const auto one_of = [&] { return std::any_of(operand.begin(), operand.end(), is); };
  const auto ended = [&](auto test) {
    return std::any_of(at.begin(), at.end(), [&](const End& end) { return end.value && test(*end.value); });
  };
  if (name == "$eq") return is(operand);
  if (name == "$ne") return !is(operand);
  if (name == "$in") return one_of();
  if (name == "$nin") return !one_of();
  if (name == "$gt") return ordered(tried, operand, 1, false);
  if (name == "$gte") return ordered(tried, operand, 1, true);
  if (name == "$lt") return ordered(tried, operand, -1, false);
  if (name == "$lte") return ordered(tried, operand, -1, true);
  if (name == "$not") return !all_hold(operand, at);
  if (name == "$exists")
    return any(tried, [](const Value& v) { return v.has_value(); }) == operand.get<bool>();
  if (name == "$type") return any(tried, [&](const Value& v) { return v && of_type(*v, operand); });
  if (name == "$mod") return any(tried, [&](const Value& v) { return v && leaves_remainder(*v, operand); });
  if (name == "$regex")
    return any(tried, [&](const Value& v) {
      return v && v->is_string() && found(v->get<std::string>(), operand, all.value("$options", ""));
    });
  if (name == "$options") return true;
  if (name == "$size") return ended([&](const Json& v) { return v.is_array() && equal(v.size(), operand); });
  if (name == "$elemMatch") return ended([&](const Json& v) { return has_element(v, operand); });
  if (name != "$all") throw std::invalid_argument(name);
  return !operand.empty() && std::all_of(operand.begin(), operand.end(), [&](const Json& one) {
    return states_operators(one) ? all_hold(one, at) : is(one);
  });
}

bool key_holds(const Json& operand, const std::vector<End>& at) {
  if (states_operators(operand)) return all_hold(operand, at);
  const Values tried = values(at);
  if (!operand.is_object()) return any(tried, [&](const Value& v) { return equal(v, operand); });
  return any(tried, [&](const Value& v) { return v && v->is_object() && plainly_matches(operand, *v); });
}

}  // namespace

bool plainly_matches(const Json& query, const Json& resource) {
  const auto matches = [&resource](const Json& inner) { return plainly_matches(inner, resource); };
  for (const auto& [key, operand] : query.items()) {
    bool good = false;
    if (key == "$and")
      good = std::all_of(operand.begin(), operand.end(), matches);
    else if (key == "$or")
      good = std::any_of(operand.begin(), operand.end(), matches);
    else if (key == "$nor")
      good = std::none_of(operand.begin(), operand.end(), matches);
    else
      good = key_holds(operand, ends(resource, split(key)));
    if (!good) return false;
  }
  return true;
}

}  // namespace lockable::testing
