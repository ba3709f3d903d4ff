#include "stores/etcd/messages.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

namespace lockable::etcd {
namespace {

constexpr int kNoDigit = 64;
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<int, 256> digit_values() {
  std::array<int, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
  return values;
}

// Nothing in it needs to be escaped: base64, numbers, and names of our own.
std::string quoted(const char* name, std::string_view value) {
  return fmt::format(R"("{}":"{}")", name, value);
}

std::string of_keys(const Keys& keys) {
  std::string text = quoted("key", to_base64(keys.first));
  if (!keys.end.empty()) text += "," + quoted("range_end", to_base64(keys.end));
  return text;
}

std::string operation(const char* name, const std::string& what) {
  return fmt::format(R"({{"{}":{{{}}}}})", name, what);
}

std::string condition(const Keys& keys, const char* target, const char* result, const char* name,
                      std::string_view value) {
  return fmt::format("{{{},{},{},{}}}", of_keys(keys), quoted("target", target), quoted("result", result),
                     quoted(name, value));
}

std::vector<KeyValue> found_by(const Json& response) {
  std::vector<KeyValue> found;
  if (!response.is_object() || response.empty() || !response.front().is_object()) return found;
  const Json& body = response.front();
  if (const auto kvs = body.find("kvs"); kvs != body.end())
    for (const Json& kv : *kvs) found.push_back(read_key_value(kv));
  return found;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

std::string from_base64(std::string_view text) {
  static const auto values = digit_values();
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value == kNoDigit) break;
    group = group << 6U | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 255U);
  }
  return bytes;
}

Keys one(const std::string& key) { return {key, ""}; }

Keys all_with(const std::string& prefix) {
  std::string end = prefix;
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);  // ours end with a slash
  return {prefix, end};
}

std::string get(const Keys& keys, std::size_t limit) {
  std::string text = of_keys(keys);
  if (limit != 0) text += "," + quoted("limit", std::to_string(limit));
  return operation("request_range", text);
}

std::string put(const std::string& key, const std::string& value, std::int64_t lease) {
  std::string text = of_keys(one(key)) + "," + quoted("value", to_base64(value));
  if (lease != 0) text += "," + quoted("lease", std::to_string(lease));
  return operation("request_put", text);
}

// A transaction within: to touch what is not there would be an error that undoes all.
std::string touch(const std::string& key) {
  const std::string it = of_keys(one(key)) + R"(,"ignore_value":true,"ignore_lease":true)";
  return fmt::format(R"({{"request_txn":{}}})", transaction({is_there(key)}, {operation("request_put", it)}));
}

std::string remove(const Keys& keys) { return operation("request_delete_range", of_keys(keys)); }

std::string is_absent(const Keys& keys) { return condition(keys, "CREATE", "EQUAL", "create_revision", "0"); }

std::string is_there(const std::string& key) {
  return condition(one(key), "CREATE", "GREATER", "create_revision", "0");
}

std::string unchanged_since(const Keys& keys, std::int64_t revision) {
  return condition(keys, "MOD", "LESS", "mod_revision", std::to_string(revision + 1));
}

std::string created_at(const std::string& key, std::int64_t revision) {
  return condition(one(key), "CREATE", "EQUAL", "create_revision", std::to_string(revision));
}

std::string has_value(const std::string& key, const std::string& value) {
  return condition(one(key), "VALUE", "EQUAL", "value", to_base64(value));
}

std::string transaction(const Parts& conditions, const Parts& then, const Parts& otherwise) {
  return fmt::format(R"({{"compare":[{}],"success":[{}],"failure":[{}]}})", fmt::join(conditions, ","),
                     fmt::join(then, ","), fmt::join(otherwise, ","));
}

std::string unconditional(const Parts& then) { return transaction({}, then); }

std::string watching(const Keys& keys, std::int64_t revision) {
  return operation("create_request",
                   of_keys(keys) + "," + quoted("start_revision", std::to_string(revision + 1)));
}

Answer read_answer(const Json& answer) {
  Answer result;
  result.succeeded = answer.value("succeeded", false);
  result.revision = integer(answer.at("header"), "revision");
  if (const auto responses = answer.find("responses"); responses != answer.end())
    for (const Json& response : *responses) result.found.push_back(found_by(response));
  return result;
}

KeyValue read_key_value(const Json& kv) {
  KeyValue result;
  result.key = from_base64(kv.at("key").get_ref<const std::string&>());
  if (const auto value = kv.find("value"); value != kv.end())
    result.value = from_base64(value->get_ref<const std::string&>());
  result.created = integer(kv, "create_revision");
  result.modified = integer(kv, "mod_revision");
  return result;
}

std::int64_t integer(const Json& object, const char* key) {
  const auto value = object.find(key);
  if (value == object.end()) return 0;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  return value->is_string() ? std::strtoll(value->get_ref<const std::string&>().c_str(), nullptr, 10) : 0;
}

}  // namespace lockable::etcd
