/// \file
/// Columns of text on a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lockable::cli {

/// How many columns a terminal needs for it (characters; wide ones count as one).
std::size_t width(const std::string& text);
/// The text, and spaces until it is so wide.
std::string padded(const std::string& text, std::size_t columns);
/// The text, or as much of it as fits, ending in `…`.
std::string cut_to(const std::string& text, std::size_t columns);

/// One line for each row, its cells below each other, cut to `room` columns; no line ends in a space. Rows
/// may have fewer cells. The cells hold nothing that a terminal obeys (one_line()).
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows, std::size_t room);

}  // namespace lockable::cli
