#include "random_query.h"

#include <cstdint>

namespace lockable::testing {

using Json = nlohmann::json;

Json RandomQuery::scalar() {
  static const std::vector<Json> values{nullptr,
                                        true,
                                        0,
                                        1,
                                        2,
                                        -1,
                                        1.0,
                                        "a",
                                        "ab",
                                        "abc",
                                        "b",
                                        "Ab",
                                        "",
                                        false,
                                        1,
                                        3,
                                        1.5,
                                        -0.5,
                                        2147483648,
                                        9007199254740992.0,
                                        9007199254740993,
                                        9223372036854775807,
                                        9223372036854775808U,
                                        INT64_MIN,
                                        UINT64_MAX,
                                        1e300,
                                        1.8446744073709552e19};
  return below(2) == 0 ? values[below(11)] : pick(values);
}

// Mostly one that is in a resource, so that queries find something.
Json RandomQuery::wanted(int depth) { return seen_.empty() || below(3) == 0 ? value(depth) : pick(seen_); }

void RandomQuery::note(const Json& value) {
  if (seen_.size() < 3000) seen_.push_back(value);
  if (value.is_structured())
    for (const Json& inner : value) note(inner);
}

Json RandomQuery::value(int depth) {
  const unsigned kind = depth == 0 ? 0 : below(9);
  if (kind < 4) return scalar();
  Json result = kind < 6 ? Json::array() : Json::object();
  for (unsigned i = below(5); i > 0; --i) {
    if (kind < 6)
      result.push_back(value(depth - 1));
    else
      result[key()] = value(depth - 1);
  }
  return result;
}

std::string RandomQuery::key() {
  static const char* const keys[] = {"a", "a", "a", "b", "b", "c", "0"};
  return pick(keys);
}

std::string RandomQuery::path() {
  static const char* const parts[] = {"a", "a", "b", "c", "0", "1"};
  std::string path = key();
  while (below(4) == 0) path += std::string(".") + pick(parts);
  return path;
}

Json RandomQuery::resource() {
  Json result = Json::object();
  for (unsigned i = 2 + below(4); i > 0; --i) result[key()] = value(3);
  for (const Json& one : result) note(one);
  return result;
}

Json RandomQuery::some(unsigned most, int depth) {
  Json result = Json::array();
  for (unsigned i = below(most + 1); i > 0; --i) result.push_back(wanted(depth));
  return result;
}

// A value, operators, or conditions on a nested object.
Json RandomQuery::operand(int depth) {
  const unsigned kind = below(8);
  if (kind < 5) return operators(depth);
  if (kind < 7 || depth == 0) return wanted(2);
  Json nested = query(depth - 1);
  for (const char* logical : {"$and", "$or", "$nor"}) nested.erase(logical);
  return nested;
}

Json RandomQuery::operators(int depth) {
  Json result = Json::object();
  add_operator(result, depth);
  if (below(4) == 0) add_operator(result, depth);
  return result;
}

Json RandomQuery::number_operand(const std::string& name) {
  static const std::vector<Json> types{
      "double", "string", "object", "array", "bool", "null", "int", "long",        "number",       1,
      2,        3,        4,        8,       10,     16,     18,    {"string", 4}, {"int", "null"}};
  static const std::vector<Json> mods{{2, 1},     {2, 0},  {3, -1},        {-2, 1},
                                      {2.9, 1.5}, {-1, 0}, {INT64_MIN, 0}, {7, 3}};
  if (name == "$type") return pick(types);
  return name == "$mod" ? pick(mods) : Json(below(4));
}

void RandomQuery::add_operator(Json& to, int depth) {
  static const char* const names[] = {"$eq",    "$ne",  "$gt",        "$gte",    "$lt",   "$lte",
                                      "$in",    "$nin", "$not",       "$exists", "$type", "$mod",
                                      "$regex", "$all", "$elemMatch", "$size"};
  static const char* const patterns[] = {"a", "^a", "b$", "^ab?$", "[bc]", "a.", "^$", "(a|b)c"};
  const std::string name = pick(names);
  if (name == "$in" || name == "$nin") {
    to[name] = some(3, 2);
  } else if (name == "$all") {
    to[name] = some(3, 1);
    if (below(4) == 0) to[name] = {{{"$elemMatch", operators(0)}}, {{"$elemMatch", query(0)}}};
    if (below(4) == 0 && to[name].size() > 1) to[name].erase(0);
  } else if (name == "$not") {
    to[name] = operators(depth > 0 ? depth - 1 : 0);
  } else if (name == "$exists") {
    to[name] = below(2) == 0;
  } else if (name == "$regex") {
    to[name] = pick(patterns);
    if (below(3) == 0) to["$options"] = "i";
  } else if (name == "$elemMatch") {
    to[name] = depth == 0      ? Json{{"$gte", wanted(0)}}
               : below(2) == 0 ? operators(depth - 1)
                               : query(depth - 1);
  } else if (name == "$type" || name == "$mod" || name == "$size") {
    to[name] = number_operand(name);
  } else {
    to[name] = wanted(2);
  }
}

Json RandomQuery::query(int depth) {
  Json result = Json::object();
  for (unsigned i = 1 + below(2); i > 0; --i) {
    if (depth > 0 && below(5) == 0) {
      static const char* const logical[] = {"$and", "$or", "$nor"};
      result[pick(logical)] =
          below(2) == 0 ? Json{query(depth - 1)} : Json{query(depth - 1), query(depth - 1)};
    } else {
      result[path()] = operand(depth);
    }
  }
  return result;
}

}  // namespace lockable::testing
