#include "cli/integers.h"

#include <fmt/format.h>

#include <limits>

namespace lockable::cli {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

// What is wrong with it; empty when nothing is. CLI11 itself would say no more than that it cannot convert
// it.
std::string wrong(const std::string& text, int least) {
  long long value = 0;
  const bool read = !text.empty() && CLI::detail::lexical_cast(text, value);
  if (read && value >= least && value <= kMost) return "";
  const bool integer = read || (!text.empty() && text.find_first_not_of("+-0123456789") == text.npos);
  return integer ? fmt::format("expected an integer from {} to {}, found '{}'", least, kMost, text)
                 : fmt::format("expected an integer, found '{}'", text);
}

}  // namespace

const CLI::Validator& integer_check() {
  static const CLI::Validator check(
      [](const std::string& text) { return wrong(text, std::numeric_limits<int>::min()); }, "");
  return check;
}

const CLI::Validator& count_check() {
  static const CLI::Validator check([](const std::string& text) { return wrong(text, 0); }, "0 OR MORE");
  return check;
}

}  // namespace lockable::cli
