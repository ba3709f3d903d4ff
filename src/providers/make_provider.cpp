#include <lockable/error.h>
#include <lockable/provider.h>

#include "json/show.h"
#include "providers/file_provider.h"
#include "providers/list_provider.h"

namespace lockable {

std::unique_ptr<Provider> make_provider(const Json& resources, OnWarning on_warning,
                                        std::shared_ptr<const Clock> clock) {
  if (resources.is_array()) return make_list_provider(resources);
  const std::string* path = resources.get_ptr<const std::string*>();
  if (path == nullptr || path->empty())
    throw ProviderError("resources: expected an array or the path of a file, found " + show(resources, 60));
  if (path->rfind("http://", 0) == 0 || path->rfind("https://", 0) == 0)
    throw ProviderError("resources: inventories behind a URL are not supported by this version; give a file");
  return make_file_provider(*path, std::move(on_warning),
                            clock != nullptr ? std::move(clock) : Clock::system());
}

}  // namespace lockable
