/// \file
/// What a request asks for. A Query states what one resource must be like; Requirements are one to many
/// queries that are granted all or none.
///
/// Text forms (Requirements::parse):
/// - empty: any resource, the same as `{}`;
/// - `{…}`: one query as a JSON object;
/// - `[…]`: several queries, a JSON array of such objects;
/// - otherwise `key=value&key2=value2`: split at the first `=`; dotted keys descend; `true` and `false` are
/// booleans, `null` is
///   null, every other value matches the string or the number that JSON would read in it. A key may not be
///   empty or start with `$`; an empty value is an error.
///
/// What a query says (MongoDB's semantics, https://www.mongodb.com/docs/manual/tutorial/query-documents/,
/// with two deviations: a nested plain object matches as a subset, recursively, as in py-lockable; and the
/// order of keys never matters):
/// - `{"type": "dut"}`: the resource's `type` equals `"dut"`, or is an array with an element that does;
/// - `{"slot": {"row": 3}}`: `slot` is an object for which the inner query holds (or an array with such an
/// element);
/// - `{"slot.row": 3}`: a dotted path; through arrays it descends into every element that is an object, and a
/// number picks
///   one element;
/// - `{"ports": [1, 2]}`: equals the array, or is an array with that array as an element;
/// - `{"note": null}`: `note` is null or missing (but not an array without a null). Numbers compare by value
/// (`1` equals
///   `1.0`), exactly to 64 bits; values of different types are never equal;
/// - `{"type": {"$eq": …}}` and `{"type": {"$in": [a, b]}}`: equals the operand (an object then as a whole),
/// or one of several.
///
/// A key is a dotted path: neither it nor one of its parts may be empty or start with `$`.
///
/// Reserved keys: `"$as": "dut"` names the role of the allocation (a letter, then letters and digits);
/// `"$count": 2` asks for that many different resources (roles become `dut1`, `dut2`). Other keys that start
/// with `$` are operators; an unknown one is an error, whatever the inventory holds. At most 64 resources a
/// request.
///
/// Defaults: with_defaults() adds `"hostname": <this host>` and `"online": true` unless the query sets them;
/// `null` for either removes the condition.
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

  /// True when the resource fulfils every condition. Never throws on any JSON value; one that is no object
  /// matches nothing.
  bool matches(const Json& resource) const;

  /// This query with the defaults for `hostname` and `online`; the reserved keys are kept.
  Query with_defaults(const std::string& hostname) const;

  /// The query as a JSON object, the reserved keys included (`key=value` forms as they were understood).
  const Json& json() const;
  /// `$as`, or empty.
  const std::string& role() const;
  /// `$count`, 1 when not given.
  int count() const;

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
  explicit Requirements(std::vector<Query> queries);
  std::vector<Query> queries_;
};

}  // namespace lockable
