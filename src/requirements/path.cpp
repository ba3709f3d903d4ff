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

std::size_t Path::indices() const {
  return static_cast<std::size_t>(
      std::count_if(steps_.begin(), steps_.end(), [](const Step& step) { return step.index.has_value(); }));
}

const Json* Path::find(const Json& from) const {
  const Json* at = &from;
  for (const Step& step : steps_) {
    if (at->is_array() && step.index && *step.index < at->size()) {
      at = &(*at)[*step.index];
      continue;
    }
    const auto* object = at->get_ptr<const Json::object_t*>();
    if (object == nullptr) return nullptr;
    const auto inner = object->find(step.key);
    if (inner == object->end()) return nullptr;
    at = &inner->second;
  }
  return at;
}

}  // namespace lockable::requirements
