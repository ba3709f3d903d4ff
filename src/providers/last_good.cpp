#include "providers/last_good.h"

namespace lockable {

void LastGood::read(std::string text) {
  if (!is_from(text)) {
    auto inventory = Inventory::parse(text, source_);
    replace(std::move(text), std::move(inventory));
  }
  keep();
}

void LastGood::replace(std::string text, std::shared_ptr<const Inventory> inventory) {
  inventory_ = std::move(inventory);
  text_ = std::move(text);
  keep();
}

void LastGood::keep_despite(const Error& problem) {
  if (inventory_ == nullptr) throw;
  if (problem.what() == problem_) return;
  problem_ = problem.what();
  warning_ = problem_ + "; going on with the inventory as it was before";
}

}  // namespace lockable
