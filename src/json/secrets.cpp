#include "json/secrets.h"

#include <algorithm>
#include <string_view>

namespace lockable {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Greedy with one point to go back to: the last `*`.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

// A query names nested keys by a dotted path: each part of it is a key.
bool is_secret(std::string_view key, const std::vector<std::string>& patterns) {
  const auto any_matches = [&patterns](std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [name](const std::string& pattern) { return matches(pattern, name); });
  };
  if (any_matches(key)) return true;
  for (std::size_t start = 0; start <= key.size();) {
    const auto end = std::min(key.find('.', start), key.size());
    if (any_matches(key.substr(start, end - start))) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

Json redacted(const Json& value, const std::vector<std::string>& patterns) {
  if (!value.is_structured()) return value;
  Json result = value;
  if (value.is_array()) {
    for (Json& element : result) element = redacted(element, patterns);
    return result;
  }
  for (auto& [key, inner] : result.items()) {
    inner = is_secret(key, patterns) ? Json("***") : redacted(inner, patterns);
  }
  return result;
}

}  // namespace lockable
