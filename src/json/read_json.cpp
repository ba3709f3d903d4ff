#include "json/read_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

namespace lockable {
namespace {

std::string place(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  return fmt::format("line {}, column {}", lines + 1, line_start == before.npos ? at + 1 : at - line_start);
}

// Looks at brackets outside strings only; whether the text is JSON at all is the parser's business.
void check_depth(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth)
        throw SyntaxError(fmt::format("{}: nested deeper than {} levels", place(text, i), kMaxDepth));
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

// nlohmann's message without its number and without what it quotes of the text.
std::string plain(std::string message) {
  if (const auto end = message.find("] "); message.rfind("[json.", 0) == 0 && end != message.npos)
    message.erase(0, end + 2);
  const std::string start = "parse error at ";
  if (message.rfind(start, 0) == 0) message.erase(0, start.size());
  const auto quoted = message.find("; last read: '");
  if (quoted == message.npos) return message;
  const auto expected = message.rfind("'; expected ");
  const std::string tail = expected == message.npos || expected < quoted ? "" : message.substr(expected + 1);
  return message.substr(0, quoted) + tail;
}

// Where the number is that a double cannot hold; the text is JSON up to there.
std::size_t too_large_number(std::string_view text) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string || (c != '-' && (c < '0' || c > '9'))) continue;
    const auto end = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    if (std::isinf(std::strtod(std::string(text.substr(i, end - i)).c_str(), nullptr))) return i;
    i = end - 1;
  }
  return 0;
}

}  // namespace

Json read_json(std::string_view text) {
  check_depth(text);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw SyntaxError(plain(error.what()));
  } catch (const Json::exception&) {
    throw SyntaxError(
        fmt::format("{}: a number is too large (beyond 1.8e308)", place(text, too_large_number(text))));
  }
}

bool valid_utf8(std::string_view text) try {
  static_cast<void>(Json(text).dump());
  return true;
} catch (const Json::type_error&) {
  return false;
}

bool too_deep(const Json& value) {
  std::vector<std::pair<const Json*, int>> left{{&value, 1}};
  while (!left.empty()) {
    const auto [at, depth] = left.back();
    left.pop_back();
    if (!at->is_structured()) continue;
    if (depth > kMaxDepth) return true;
    for (const Json& inner : *at) left.emplace_back(&inner, depth + 1);
  }
  return false;
}

}  // namespace lockable
