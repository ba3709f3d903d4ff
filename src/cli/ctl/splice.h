/// \file
/// Putting properties into an XML text, of which every other byte stays. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lockable::cli {

/// Name and value, any text that XML can hold.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// Notes what goes where, and does it at the end. Elements are named by where their name is in the text, as
/// an XML parser told it; the text is UTF-8 and has been parsed. It must outlive this.
class Splice {
 public:
  explicit Splice(const std::string& text) : text_(text) {}

  /// Into the element, at its start: <property name="…" value="…"/> each, laid out as what is around.
  void add_properties(std::size_t element, const Properties& properties);
  /// The same within a new element <properties>.
  void add_element(std::size_t element, const Properties& properties);

  std::string result() const;

 private:
  struct Piece {
    std::size_t begin;  // in the place of what is between them
    std::size_t end;
    std::string text;
  };
  /// How the line begins on which the element stands, its end before it included; empty when something else
  /// stands before the element.
  std::string line_start(std::size_t element) const;
  void put(std::size_t element, const std::string& inside);

  const std::string& text_;
  std::vector<Piece> pieces_;
};

}  // namespace lockable::cli
