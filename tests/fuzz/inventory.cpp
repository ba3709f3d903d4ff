// Texts of inventories: read, or refused with a reason; problems() agrees, doubts() copes.
#include <lockable/error.h>
#include <lockable/provider.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "allocation/diagnosis.h"
#include "json/read_json.h"
#include "json/secrets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lockable::Inventory;
  const std::string text(data, data + size);
  try {
    const auto inventory = Inventory::parse(text, "fuzz");
    for (const lockable::Resource& resource : inventory->resources()) {
      if (inventory->find(resource.id) != &resource) std::abort();
      lockable::redacted(resource.info, {"*password*", "*token*"});
    }
    if (!Inventory::problems(lockable::read_json(text)).empty()) std::abort();
    lockable::doubts(*inventory);
  } catch (const lockable::InvalidInventory& error) {
    if (std::string(error.what()).empty()) std::abort();
  }
  return 0;
}
