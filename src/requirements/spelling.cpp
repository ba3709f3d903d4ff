#include "requirements/spelling.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace lockable::requirements {
namespace {

constexpr std::size_t kLongestWord = 64;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Optimal string alignment distance: https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t k = 0; k <= b.size(); ++k) table[0][k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t replaced = table[i - 1][k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
      table[i][k] = std::min({table[i - 1][k] + 1, table[i][k - 1] + 1, replaced});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        table[i][k] = std::min(table[i][k], table[i - 2][k - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_word(const std::string& word, const std::set<std::string>& known) {
  if (word.size() > kLongestWord) return std::nullopt;
  const std::size_t tolerated = word.size() < 5 ? 1 : 2;
  std::optional<std::string> nearest;
  std::size_t best = tolerated + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > word.size() + tolerated || word.size() > candidate.size() + tolerated) continue;
    const std::size_t away = distance(lower(word), lower(candidate));
    if (away >= best) continue;
    best = away;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace lockable::requirements
