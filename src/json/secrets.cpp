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

}  // namespace

Json redacted(const Json& value, const std::vector<std::string>& patterns) {
  if (!value.is_structured()) return value;
  Json result = value;
  if (value.is_array()) {
    for (Json& element : result) element = redacted(element, patterns);
    return result;
  }
  for (auto& [key, inner] : result.items()) {
    const bool secret =
        std::any_of(patterns.begin(), patterns.end(),
                    [&key = key](const std::string& pattern) { return matches(pattern, key); });
    inner = secret ? Json("***") : redacted(inner, patterns);
  }
  return result;
}

}  // namespace lockable
