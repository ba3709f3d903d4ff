/// \file
/// An inventory that the program itself states.
#pragma once

#include <lockable/provider.h>

#include <memory>

namespace lockable {

/// Checks the array at once; throws InvalidInventory.
std::unique_ptr<Provider> make_list_provider(const Json& array);

}  // namespace lockable
