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

std::string id_of(const Json& element, std::size_t index, const std::string& source) {
  const auto place = fmt::format("element {} ", index);
  if (!element.is_object()) fail(source, place + "is no object but " + show(element, 60));
  const auto id = element.find("id");
  if (id == element.end()) fail(source, place + "has no \"id\": expected a non-empty string or an integer");
  if (id->is_number_integer()) return id->dump();
  const std::string* text = id->get_ptr<const std::string*>();
  if (text == nullptr)
    fail(source, place + "has the id " + show(*id, 60) + ": expected a non-empty string or an integer");
  if (text->empty()) fail(source, place + "has an empty id: expected a non-empty string or an integer");
  if (!valid_utf8(*text)) fail(source, place + "has an id that is not valid UTF-8: " + show(*id, 60));
  return *text;
}

}  // namespace

std::shared_ptr<const Inventory> Inventory::from_json(const Json& array, const std::string& source) {
  if (!array.is_array()) fail(source, "expected a JSON array of objects, found " + show(array, 60));
  if (too_deep(array)) fail(source, fmt::format("nested deeper than {} levels", kMaxDepth));
  std::shared_ptr<Inventory> inventory(new Inventory);
  inventory->source_ = source;
  inventory->resources_.reserve(array.size());
  for (const Json& element : array) {
    std::string id = id_of(element, inventory->resources_.size(), source);
    const auto [known, is_new] = inventory->index_.emplace(id, inventory->resources_.size());
    if (!is_new)
      fail(source, fmt::format("elements {} and {} have the same id {} (ids are compared as text)",
                               known->second, inventory->resources_.size(), show(id, 60)));
    inventory->resources_.push_back({std::move(id), element});
  }
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
