#include "requirements/path.h"

#include <algorithm>
#include <charconv>

namespace lockable::requirements {

Path::Path(const std::string& text) : text_(text) {
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('.', start), text.size());
    Step step{text.substr(start, end - start), {}};
    std::size_t number = 0;
    const char* last = step.key.data() + step.key.size();
    const auto [stopped, error] = std::from_chars(step.key.data(), last, number);
    const bool plain = step.key == "0" || (!step.key.empty() && step.key.front() != '0');
    if (error == std::errc() && stopped == last && plain) step.index = number;
    steps_.push_back(std::move(step));
    start = end + 1;
  }
}

}  // namespace lockable::requirements
