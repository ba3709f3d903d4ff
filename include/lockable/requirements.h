/// \file
/// What a request asks for. A Query states what one resource must be like; Requirements are one to many
/// queries that are granted all or none.
///
/// Text forms (Requirements::parse):
/// - empty: any resource, the same as `{}`;
/// - `{…}`: one query as a JSON object;
/// - `[…]`: several queries, a JSON array of such objects;
/// - otherwise `key=value&key2=value2`: split at the first `=`; dotted keys descend; `true` and `false` are
///   booleans, `null` is null, every other value matches the string or the number that JSON would read in
///   it. A key may not be empty or start with `$`; an empty value is an error.
///
/// What a query says: MongoDB's semantics (https://www.mongodb.com/docs/manual/tutorial/query-documents/)
/// with two deviations: a nested plain object matches as a subset, recursively, as in py-lockable, while
/// what an operator is given ($eq, $in, $all …) compares whole; and the order of keys never matters.
/// - `{"type": "dut"}`: the resource's `type` equals `"dut"`, or is an array with an element that does;
/// - `{"slot": {"row": 3}}`: `slot` is an object for which the inner query holds (or an array with such an
///   element);
/// - `{"slot.row": 3}`: a dotted path; through arrays it descends into every element that is an object, and
///   a number picks one element. No part may be empty or start with `$`; at most 100 parts, 8 of them
///   numbers;
/// - `{"ports": [1, 2]}`: equals the array, or is an array with that array as an element;
/// - `{"note": null}`: `note` is null or missing (but not an array without a null).
///
/// Operators, `{"volts": {"$gte": 1, "$lt": 5}}`; each of several must hold, in an array by some element
/// each:
/// - `$eq`, `$gt`, `$gte`, `$lt`, `$lte` with any value: compare values of one type only. Numbers compare by
///   value, integers exactly to 64 bits (`1` equals `1.0`; JSON numbers beyond 64 bits are floating point);
///   strings by their bytes; `false` before `true`. A missing value is null.
/// - `$in` with an array of values: equals one of them. `$all`: equals each of them, arrays with different
///   elements; or an array of `{"$elemMatch": …}`; an empty one matches nothing.
/// - `$ne`, `$nin`, `$not` (with an object of operators): hold exactly where `$eq`, `$in`, those operators
///   do not; thus also where the value is missing.
/// - `$exists` with true or false: a null is there.
/// - `$type` with one or an array of MongoDB's type names or numbers: `"double"` 1, `"string"` 2, `"object"`
///   3, `"array"` 4, `"bool"` 8, `"null"` 10, `"int"` 16 (an integer that 32 bits hold), `"long"` 18 (other
///   integers), `"number"` (any); the types that JSON has not match nothing.
/// - `$mod` with `[divisor, remainder]`: numbers are cut to integers first; a negative number has a negative
///   remainder.
/// - `$regex` with a PCRE2 pattern (UTF mode, at most 32764 bytes), found anywhere in a string; `$options`
///   beside it with letters of `imsx`. What takes more than some milliseconds for one value is an error, see
///   matches().
/// - `$size` with a whole number: an array of so many elements.
/// - `$elemMatch` with operators, `{"$gte": 1, "$lt": 5}`: an array with one element for which all hold;
///   with a query, `{"port": 1, "$or": […]}`: with one object that it matches.
/// - `$and`, `$or`, `$nor` with an array of one or more queries stand beside keys: `{"$or": [{"a": 1}, {"b":
///   2}]}`.
///
/// An unknown operator, and an operand that its operator does not take, is an error that names the operator
/// and its place, whatever the inventory holds.
///
/// Reserved keys of a query: `"$as": "dut"` names the role of the allocation (a letter, then letters and
/// digits); `"$count": 2` asks for that many different resources (roles become `dut1`, `dut2`); `"$slots":
/// 2` for that many of the resource's `slots` (an integer; a resource that does not say has one): resources
/// with fewer do not match. At most 64 resources a request. Requests with `$slots`
/// share a resource; one without waits until it has all of it.
///
/// Elements of the `[…]` form that are no queries: `{"$same": ["bench"]}` demands that all resources agree
/// on those dotted paths (numbers compare by value; a resource without them, or with null there, agrees with
/// none); `{"$prefer": [query, …]}` lists queries to satisfy if possible, the most important first: a
/// resource that satisfies an earlier one is preferred to all that do not, whatever the later ones say.
///
/// Defaults: with_defaults() adds `"hostname": <this host>` and `"online": true` unless the query sets them
/// as keys of its own (not within `$and`, `$or`, `$nor`); `null` for either removes the condition.
///
/// Query and Requirements are immutable values, cheap to copy, and may be used from any thread. Nothing here
/// blocks.
#pragma once

#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// The most resources one request may ask for.
constexpr int kMaxResources = 64;

class Query {
 public:
  /// One query from its text (not the `[…]` form). Throws InvalidRequirements.
  static Query parse(std::string_view text);
  /// One query from a JSON object. Throws InvalidRequirements.
  static Query from_json(const Json& object);

  /// True when the resource fulfils every condition. Any JSON value may be given; one that is no object
  /// matches nothing. Throws InvalidRequirements naming the pattern when a `$regex` takes too long (a match
  /// limit of PCRE2: some milliseconds) or too much memory on a value; nothing else. Allocates nothing when
  /// it does not throw (but for each thread's first `$regex`).
  bool matches(const Json& resource) const;

  /// This query with the defaults for `hostname` and `online`; the reserved keys are kept.
  Query with_defaults(const std::string& hostname) const;

  /// The query as a JSON object, the reserved keys included (`key=value` forms as they were understood).
  const Json& json() const;
  /// `$as`, or empty.
  const std::string& role() const;
  /// `$count`, 1 when not given.
  int count() const;
  /// `$slots`, 0 when not given: the whole resource.
  int slots() const;

  struct Compiled;  // internal to src/requirements
  explicit Query(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  const Compiled& compiled() const { return *compiled_; }

 private:
  std::shared_ptr<const Compiled> compiled_;
};

class Requirements {
 public:
  /// Any one resource.
  Requirements();
  /// From a text, see above. Throws InvalidRequirements. Not explicit, so that texts can be given where
  /// requirements are asked for.
  Requirements(const char* text);
  Requirements(const std::string& text);
  /// From a JSON object (one query) or an array of objects (several). Throws InvalidRequirements.
  Requirements(const Json& json);
  /// Several texts, each one or more resources, granted all or none. Throws InvalidRequirements.
  Requirements(std::initializer_list<const char*> texts);
  Requirements(const std::vector<std::string>& texts);

  static Requirements parse(std::string_view text);

  /// The queries as stated, in order; never empty.
  const std::vector<Query>& queries() const { return queries_; }
  /// How many resources they ask for: the sum of the counts.
  int size() const;
  /// The paths of `$same`; empty when nothing has to agree.
  const std::vector<std::string>& same() const { return same_; }
  /// The queries of `$prefer`, the most important first. They get no defaults.
  const std::vector<Query>& preferences() const { return preferences_; }
  /// One object for a single query, else an array of objects.
  Json json() const;
  Requirements with_defaults(const std::string& hostname) const;

  /// One resource asked for: which query it must match, and the name of its role (empty without `$as`).
  struct Part {
    Query query;
    std::string role;
  };
  /// The queries with their counts written out: size() parts, in order.
  std::vector<Part> parts() const;

 private:
  struct Elements;
  explicit Requirements(const std::shared_ptr<Elements>& elements);
  void check() const;
  std::vector<Query> queries_;
  std::vector<std::string> same_;
  std::vector<Query> preferences_;
};

}  // namespace lockable
