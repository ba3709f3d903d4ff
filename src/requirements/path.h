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

/// Longer paths are refused, and such with more numbers: each number doubles the ways through nested arrays.
constexpr std::size_t kMostSteps = 100;
constexpr std::size_t kMostIndices = 8;

/// What an array at the end of a path stands for.
enum class Leaf {
  kElements,  ///< each of its elements, then itself
  kWhole,     ///< itself only
};

class Path {
 public:
  /// Leads to the value it starts at, whatever that is.
  Path() = default;
  /// Splits at the dots; the text has been checked.
  explicit Path(const std::string& text);

  const std::string& text() const { return text_; }
  std::size_t steps() const { return steps_.size(); }
  std::size_t indices() const;

  /// Asks `holds` about each value the path leads to until it says true; that is the answer. A value that is
  /// missing counts as nullptr. Through an array the path goes into each element that is an object, and a
  /// number picks one element. Allocates nothing.
  template <Leaf leaf, typename Holds>
  bool any(const Json& from, const Holds& holds) const {
    if (steps_.empty()) return holds(&from);
    if (!from.is_array()) return descend<leaf>(from, 0, holds);
    const auto& index = steps_.front().index;  // an array to start at is like an object with keys 0, 1 …
    return index && *index < from.size() ? descend<leaf>(from[*index], 1, holds) : holds(nullptr);
  }

  /// The one value it leads to by keys and indices alone, or nullptr.
  const Json* find(const Json& from) const;

 private:
  struct Step {
    std::string key;
    std::optional<std::size_t> index;  // when the key is a number
  };

  template <Leaf leaf, typename Holds>
  bool descend(const Json& value, std::size_t step, const Holds& holds) const {
    const Json* at = &value;
    for (; step < steps_.size() && !at->is_array(); ++step) {
      const auto* object = at->get_ptr<const Json::object_t*>();
      if (object == nullptr) return holds(nullptr);
      const auto inner = object->find(steps_[step].key);
      if (inner == object->end()) return holds(nullptr);
      at = &inner->second;
    }
    if (!at->is_array()) return holds(at);
    if (step < steps_.size()) return through_array<leaf>(*at, step, holds);
    if (leaf == Leaf::kElements)
      for (const Json& element : *at)
        if (holds(&element)) return true;
    return holds(at);
  }

  // Elements that are no objects, and an index beyond the end, do not count as missing: they are not there at
  // all.
  template <Leaf leaf, typename Holds>
  bool through_array(const Json& array, std::size_t step, const Holds& holds) const {
    for (const Json& element : array)
      if (element.is_object() && descend<leaf>(element, step, holds)) return true;
    const auto& index = steps_[step].index;
    if (!index || *index >= array.size()) return false;
    const Json& picked = array[*index];
    if (step + 1 == steps_.size()) return holds(&picked);  // it was asked for: not its elements
    return picked.is_structured() && descend<leaf>(picked, step + 1, holds);
  }

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace lockable::requirements
