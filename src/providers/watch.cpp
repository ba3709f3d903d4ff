#include <lockable/provider.h>

namespace lockable {
namespace {

class DirectWatch : public InventoryWatch {
 public:
  explicit DirectWatch(Provider& provider) : provider_(provider) {}
  std::shared_ptr<const Inventory> inventory() override { return provider_.inventory(BootClock::now()); }

 private:
  Provider& provider_;
};

}  // namespace

std::unique_ptr<InventoryWatch> Provider::watch() { return std::make_unique<DirectWatch>(*this); }

}  // namespace lockable
