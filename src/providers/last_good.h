/// \file
/// What a source delivered last that was an inventory.
#pragma once

#include <lockable/error.h>
#include <lockable/provider.h>

#include <memory>
#include <string>

namespace lockable {

/// Keeps the last good inventory while its source is broken, and the warning about that: one for each new
/// problem. One thread at a time.
class LastGood {
 public:
  /// `source` names it in messages.
  explicit LastGood(std::string source) : source_(std::move(source)) {}

  /// Null before the source delivered.
  const std::shared_ptr<const Inventory>& inventory() const { return inventory_; }
  /// Whether the text is the one that the inventory was read from.
  bool is_from(const std::string& text) const { return inventory_ != nullptr && text == text_; }

  /// The source delivered this text. The same text leaves the same object. Throws InvalidInventory.
  void read(std::string text);
  /// The same for a text that was read before: `inventory` is what it says.
  void replace(std::string text, std::shared_ptr<const Inventory> inventory);
  /// The source is well, and says the same as before.
  void keep() { problem_.clear(); }
  /// The source is broken. To be called in a handler: throws again what was thrown when there is no inventory
  /// to keep.
  void keep_despite(const Error& problem);

  /// The warning that nobody was told yet, or empty.
  std::string take_warning() { return std::exchange(warning_, {}); }

 private:
  const std::string source_;
  std::shared_ptr<const Inventory> inventory_;
  std::string text_;
  std::string problem_;
  std::string warning_;
};

}  // namespace lockable
