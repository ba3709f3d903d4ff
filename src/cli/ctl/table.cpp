#include "cli/ctl/table.h"

#include <algorithm>

namespace lockable::cli {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

}  // namespace

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns, width(text)), ' ');
}

std::string cut_to(const std::string& text, std::size_t columns) {
  if (width(text) <= columns) return text;
  if (columns == 0) return "";
  std::size_t end = 0, seen = 0;
  for (; end < text.size(); ++end)
    if (starts_character(text[end]) && ++seen == columns) break;  // the last column is for the …
  return text.substr(0, end) + "…";
}

std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows, std::size_t room) {
  std::vector<std::size_t> widest;
  for (const auto& row : rows) {
    widest.resize(std::max(widest.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widest[i] = std::max(widest[i], width(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widest[i] + 2);
    lines.push_back(cut_to(line.erase(line.find_last_not_of(' ') + 1), room));
  }
  return lines;
}

}  // namespace lockable::cli
