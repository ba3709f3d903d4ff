#include <fmt/format.h>
#include <lockable/error.h>
#include <lockable/provider.h>

#include <algorithm>
#include <unordered_map>

#include "json/read_json.h"
#include "json/show.h"

namespace lockable {
namespace {

[[noreturn]] void fail(const std::string& source, const std::string& what) {
  throw InvalidInventory(fmt::format("inventory {}: {}", source, what));
}

/// Looks at the elements of an array one by one.
class Elements {
 public:
  /// The id of the next one as text; empty after a problem().
  std::string next(const Json& element) {
    const std::size_t index = seen_++;
    problem_.clear();
    std::string id = id_of(element, index);
    if (!problem_.empty()) return id;
    const auto [known, is_new] = indices_.emplace(id, index);
    if (!is_new)
      problem_ = fmt::format("elements {} and {} have the same id {} (ids are compared as text)",
                             known->second, index, show(id, 60));
    return id;
  }
  const std::string& problem() const { return problem_; }
  std::unordered_map<std::string, std::size_t> take_indices() { return std::move(indices_); }

 private:
  std::string id_of(const Json& element, std::size_t index) {
    constexpr const char* kExpected = "expected a non-empty string or an integer";
    const auto id = element.is_object() ? element.find("id") : element.end();
    if (!element.is_object())
      problem_ = fmt::format("element {} is no object but {}", index, show(element, 60));
    else if (id == element.end())
      problem_ = fmt::format("element {} has no \"id\": {}", index, kExpected);
    else if (id->is_number_integer())
      return id->dump();
    else if (!id->is_string())
      problem_ = fmt::format("element {} has the id {}: {}", index, show(*id, 60), kExpected);
    else if (id->get_ref<const std::string&>().empty())
      problem_ = fmt::format("element {} has an empty id: {}", index, kExpected);
    else if (!valid_utf8(id->get_ref<const std::string&>()))
      problem_ = fmt::format("element {} has an id that is not valid UTF-8: {}", index, show(*id, 60));
    else
      return id->get<std::string>();
    return "";
  }

  std::size_t seen_ = 0;
  std::string problem_;  // of the last one
  std::unordered_map<std::string, std::size_t> indices_;
};

}  // namespace

std::vector<std::string> Inventory::problems(const Json& array) {
  if (!array.is_array()) return {"expected a JSON array of objects, found " + show(array, 60)};
  std::vector<std::string> all;
  if (too_deep(array)) all.push_back(fmt::format("nested deeper than {} levels", kMaxDepth));
  Elements elements;
  for (const Json& element : array) {
    elements.next(element);
    if (!elements.problem().empty()) all.push_back(elements.problem());
  }
  return all;
}

std::shared_ptr<const Inventory> Inventory::from_json(const Json& array, const std::string& source) {
  if (!array.is_array()) fail(source, "expected a JSON array of objects, found " + show(array, 60));
  if (too_deep(array)) fail(source, fmt::format("nested deeper than {} levels", kMaxDepth));
  std::shared_ptr<Inventory> inventory(new Inventory);
  inventory->source_ = source;
  inventory->resources_.reserve(array.size());
  Elements elements;
  for (const Json& element : array) {
    std::string id = elements.next(element);
    if (!elements.problem().empty()) fail(source, elements.problem());
    inventory->resources_.push_back({std::move(id), element});
  }
  inventory->index_ = elements.take_indices();
  return inventory;
}

std::shared_ptr<const Inventory> Inventory::parse(std::string_view text, const std::string& source) {
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    fail(source, "is empty: expected a JSON array of objects");
  try {
    return from_json(read_json(text), source);
  } catch (const SyntaxError& error) {
    fail(source, error.what());
  }
}

const Resource* Inventory::find(std::string_view id) const {
  const auto known = index_.find(std::string(id));
  return known == index_.end() ? nullptr : &resources_[known->second];
}

}  // namespace lockable
