#include "allocation/allocated_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "json/one_line.h"

namespace lockable {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

bool is_one_of(char c, std::string_view characters) { return characters.find(c) != std::string_view::npos; }

bool is_ascii_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         is_one_of(c, "._:/@+#=%~-");
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

// What ends a line or turns its direction, what looks like a space, what XML does not have, and what a
// terminal obeys. (The start of a character is never found inside another one.)
bool has_odd_character(std::string_view text) {
  return one_line(text) != text || has_any(text, {"\xc2\xa0", "\xe2\x80", "\xe2\x81", "\xe3\x80\x80",
                                                  "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf"});
}

bool is_plain(std::string_view id) {
  return !id.empty() && !has_odd_character(id) &&
         std::all_of(id.begin(), id.end(), [](char c) { return !is_ascii(c) || is_ascii_plain(c); });
}

std::string list(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id_in_line(id);
  return text;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<Allocated> read() {
    Allocated result;
    result.resource_ids = ids();
    expect(" after ");
    result.queue_time = milliseconds(1000 * number());
    expect(".");
    if (rest_.find(' ') != 3) good_ = false;
    result.queue_time += milliseconds(number());
    expect(" s on ");
    result.host = id();
    expect(" (alloc_id ");
    result.alloc_ids = ids();
    expect(")");
    if (!good_ || !rest_.empty()) return std::nullopt;
    return result;
  }

 private:
  void expect(std::string_view part) {
    if (!take(part)) good_ = false;
  }

  bool take(std::string_view part) {
    if (rest_.substr(0, part.size()) != part) return false;
    rest_.remove_prefix(part.size());
    return true;
  }

  std::int64_t number() {
    constexpr std::int64_t kMost = 10'000'000'000;  // seconds; 300 years
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0 || value > kMost) {
      good_ = false;
      return 0;
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::vector<std::string> ids() {
    std::vector<std::string> result;
    do {
      result.push_back(id());
    } while (good_ && take(", "));
    return result;
  }

  std::string id() {
    if (!rest_.empty() && rest_.front() == '"') return quoted();
    const std::string_view word = rest_.substr(0, rest_.find_first_of(", )"));
    rest_.remove_prefix(word.size());
    if (!is_plain(word)) good_ = false;
    return std::string(word);
  }

  std::string quoted() {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    const std::string_view word = rest_.substr(0, end + 1);
    rest_.remove_prefix(word.size());
    const Json value = Json::parse(word, nullptr, false);
    if (value.is_string()) return value.get<std::string>();
    good_ = false;
    return "";
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string id_in_line(const std::string& id) {
  if (is_plain(id)) return id;
  const std::string json = Json(id).dump(-1, ' ', has_odd_character(id), Json::error_handler_t::replace);
  std::string result;  // without `<`, with which a tag that CTest takes out of the output would begin
  for (const char c : json) result += c == '<' ? "\\u003c" : std::string(1, c);
  return result;
}

std::string allocated_text(const Allocated& allocated) {
  const std::int64_t time = std::max<std::int64_t>(0, allocated.queue_time.count());
  return fmt::format("{} after {}.{:03} s on {} (alloc_id {})", list(allocated.resource_ids), time / 1000,
                     time % 1000, id_in_line(allocated.host), list(allocated.alloc_ids));
}

std::optional<Allocated> read_allocated_text(std::string_view text) { return Reader(text).read(); }

bool fits_xml(std::string_view text) {
  const auto control = [](char c) { return is_ascii(c) && c < ' ' && !is_one_of(c, "\t\n\r"); };
  return std::none_of(text.begin(), text.end(), control) && !has_any(text, {"\xef\xbf\xbe", "\xef\xbf\xbf"});
}

}  // namespace lockable
