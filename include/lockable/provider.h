/// \file
/// Where the inventory comes from.
///
/// An inventory is a JSON array of objects. Each has an `id`: a non-empty string or an integer, unique by its
/// text (`1` and
/// `"1"` are the same). Every other key is free; `hostname` (string), `online` (boolean) and `slots` have a
/// meaning.
#pragma once

#include <lockable/clock.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// One resource: its id as text, and the whole object as the inventory has it.
struct Resource {
  std::string id;
  Json info;
};

/// All resources, checked. Immutable once made; any thread may read it.
class Inventory {
 public:
  /// Checks an array. `source` names it in messages. Throws InvalidInventory naming the index and id of the
  /// element at fault.
  static std::shared_ptr<const Inventory> from_json(const Json& array, const std::string& source);
  /// Reads a text. Throws InvalidInventory, for a syntax error with line and column.
  static std::shared_ptr<const Inventory> parse(std::string_view text, const std::string& source);

  /// All that from_json() would refuse about the elements of an array, in order, one line each; empty when
  /// nothing is.
  static std::vector<std::string> problems(const Json& array);

  const std::vector<Resource>& resources() const { return resources_; }
  const std::string& source() const { return source_; }
  /// The resource with that id, or nullptr.
  const Resource* find(std::string_view id) const;

 private:
  Inventory() = default;
  std::string source_;
  std::vector<Resource> resources_;
  std::unordered_map<std::string, std::size_t> index_;  // by id
};

/// Delivers the inventory. Any thread may call; calls may block until `deadline` (list: never; file: for the
/// disk).
class Provider {
 public:
  virtual ~Provider() = default;
  /// The inventory as it is now: the same object as last time when nothing changed. Throws InvalidInventory
  /// or ProviderError. A provider that once delivered keeps its last good inventory when the source is broken
  /// for a moment, and reports that through `on_warning`.
  virtual std::shared_ptr<const Inventory> inventory(BootClock::time_point deadline) = 0;
};

using OnWarning = std::function<void(const std::string& message)>;

/// An array: the inventory itself (checked at once). A string: the path of a file, re-read when it changes.
/// Throws InvalidInventory for an array at fault and ProviderError for anything that is neither. `clock`
/// tells how fresh a file is; nullptr: the system's.
std::unique_ptr<Provider> make_provider(const Json& resources, OnWarning on_warning,
                                        std::shared_ptr<const Clock> clock = nullptr);

}  // namespace lockable
