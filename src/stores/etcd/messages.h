/// \file
/// What is said to etcd's HTTP/JSON gateway and what it answers (etcd's `rpc.proto`): keys and values in
/// base64, 64-bit integers as strings, whatever is zero left out. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lockable::etcd {

using Json = nlohmann::json;

std::string to_base64(std::string_view bytes);
/// What is no base64 ends the text.
std::string from_base64(std::string_view text);

/// One key, or all that begin with a prefix.
struct Keys {
  std::string first;
  std::string end;  ///< empty: `first` alone
};
Keys one(const std::string& key);
Keys all_with(const std::string& prefix);

struct KeyValue {
  std::string key;
  std::string value;
  std::int64_t created = 0;   ///< revision
  std::int64_t modified = 0;  ///< revision
};

/// Parts of a transaction, as JSON text: what is done.
using Parts = std::vector<std::string>;
/// `limit`: so many at most, the first in order of keys; 0: all.
std::string get(const Keys& keys, std::size_t limit = 0);
std::string put(const std::string& key, const std::string& value, std::int64_t lease = 0);
/// Changes nothing but the revision of a key, if it is there.
std::string touch(const std::string& key);
std::string remove(const Keys& keys);
/// And on what condition.
std::string is_absent(const Keys& keys);                               // all of them
std::string unchanged_since(const Keys& keys, std::int64_t revision);  // or removed
std::string created_at(const std::string& key, std::int64_t revision);
std::string is_there(const std::string& key);
std::string has_value(const std::string& key, const std::string& value);

std::string transaction(const Parts& conditions, const Parts& then, const Parts& otherwise = {});
std::string unconditional(const Parts& then);

/// Asks for a watch of all that happens after that revision.
std::string watching(const Keys& keys, std::int64_t revision);

/// The answer to a transaction.
struct Answer {
  bool succeeded = false;
  std::int64_t revision = 0;
  /// For each thing done what it found: the keys asked for.
  std::vector<std::vector<KeyValue>> found;
};
/// Throws Json::exception when it is no answer.
Answer read_answer(const Json& answer);

KeyValue read_key_value(const Json& kv);
/// A 64-bit integer, 0 when it was left out.
std::int64_t integer(const Json& object, const char* key);

}  // namespace lockable::etcd
