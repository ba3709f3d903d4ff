/// \file
/// JSON that people write: read with bounds, refused with line and column. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lockable {

using Json = nlohmann::json;

/// Deeper nesting is refused: whoever visits a value by recursion stays within the stack.
constexpr int kMaxDepth = 512;

/// The text is no JSON: "line 3, column 7: …". The text itself, which may hold secrets, is not quoted.
class SyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads UTF-8 text (a byte order mark is skipped). Throws SyntaxError.
Json read_json(std::string_view text);

/// For texts that did not come through read_json().
bool valid_utf8(std::string_view text);

/// True when the value nests deeper than kMaxDepth. For values that were not read from a text.
bool too_deep(const Json& value);

}  // namespace lockable
