/// \file
/// Where in a resource a condition looks: a dotted path with MongoDB's rules
/// (https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/). Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lockable::requirements {

using Json = nlohmann::json;

class Path {
 public:
  /// Splits at the dots; the text has been checked.
  explicit Path(const std::string& text);

  const std::string& text() const { return text_; }

  /// Asks `holds` about each value the path leads to until it says true; that is the answer. A value that is
  /// missing counts as nullptr. Through an array the path goes into each element that is an object, and a
  /// number picks one element; an array at its end is asked about element by element, then as a whole.
  /// Allocates nothing.
  template <typename Holds>
  bool any(const Json& resource, const Holds& holds) const {
    return descend(resource, 0, holds);
  }

 private:
  struct Step {
    std::string key;
    std::optional<std::size_t> index;  // when the key is a number
  };

  template <typename Holds>
  static bool at_end(const Json& value, const Holds& holds) {
    if (value.is_array())
      for (const Json& element : value)
        if (holds(&element)) return true;
    return holds(&value);
  }

  template <typename Holds>
  bool descend(const Json& value, std::size_t step, const Holds& holds) const {
    if (step == steps_.size()) return at_end(value, holds);
    if (value.is_array()) return through_array(value, step, holds);
    if (!value.is_object()) return holds(nullptr);
    const auto inner = value.find(steps_[step].key);
    return inner == value.end() ? holds(nullptr) : descend(*inner, step + 1, holds);
  }

  // Elements that are no objects, and an index beyond the end, do not count as missing: they are not there at
  // all.
  template <typename Holds>
  bool through_array(const Json& array, std::size_t step, const Holds& holds) const {
    const auto& index = steps_[step].index;
    if (index && *index < array.size() && descend(array[*index], step + 1, holds)) return true;
    for (const Json& element : array)
      if (element.is_object() && descend(element, step, holds)) return true;
    return false;
  }

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace lockable::requirements
