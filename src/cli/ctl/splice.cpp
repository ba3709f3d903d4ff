#include "cli/ctl/splice.h"

#include <algorithm>

namespace lockable::cli {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\t':  // which a reader of attributes would take for spaces
        result += "&#9;";
        break;
      case '\n':
        result += "&#10;";
        break;
      case '\r':
        result += "&#13;";
        break;
      default:
        result += c;
    }
  return result;
}

// Deeper by one level.
std::string inner(const std::string& line_start) {
  if (line_start.empty()) return "";
  return line_start + (line_start.find('\t') != std::string::npos ? "\t" : "  ");
}

std::string lines(const std::string& line_start, const Properties& properties) {
  std::string text;
  for (const auto& [name, value] : properties)
    text += line_start + "<property name=\"" + escaped(name) + "\" value=\"" + escaped(value) + "\"/>";
  return text;
}

// Where the `>` of the start tag is: quoted ones are not it.
std::size_t end_of_tag(const std::string& text, std::size_t at) {
  char quote = '\0';
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0')
      quote = c == quote ? '\0' : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '>')
      break;
  }
  return at;
}

}  // namespace

void Splice::add_properties(std::size_t element, const Properties& properties) {
  put(element, lines(inner(line_start(element)), properties));
}

void Splice::add_element(std::size_t element, const Properties& properties) {
  const std::string line = inner(line_start(element));
  put(element, line + "<properties>" + lines(inner(line), properties) + line + "</properties>");
}

std::string Splice::line_start(std::size_t element) const {
  const std::size_t tag = element - 1;
  const auto before = text_.find_last_not_of(" \t", tag - 1);
  if (tag == 0 || before == std::string::npos || text_[before] != '\n') return "";
  const bool windows = before > 0 && text_[before - 1] == '\r';
  return (windows ? "\r" : "") + text_.substr(before, tag - before);
}

void Splice::put(std::size_t element, const std::string& inside) {
  const std::size_t end = end_of_tag(text_, element);
  if (text_[end - 1] != '/') return pieces_.push_back({end + 1, end + 1, inside});
  const std::string name = text_.substr(element, text_.find_first_of(" \t\r\n/>", element) - element);
  pieces_.push_back({end - 1, end + 1, ">" + inside + line_start(element) + "</" + name + ">"});
}

std::string Splice::result() const {
  std::vector<Piece> pieces = pieces_;
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  std::string result;
  std::size_t done = 0;
  for (const Piece& piece : pieces) {
    result.append(text_, done, piece.begin - done).append(piece.text);
    done = piece.end;
  }
  return result.append(text_, done, std::string::npos);
}

}  // namespace lockable::cli
