#include <lockable/error.h>
#include <lockable/provider.h>

#include "json/show.h"
#include "net/url.h"
#include "providers/file_provider.h"
#include "providers/http_provider.h"
#include "providers/list_provider.h"

namespace lockable {

std::unique_ptr<Provider> make_provider(const Json& resources, ProviderOptions options) {
  if (resources.is_array()) return make_list_provider(resources);
  const std::string* path = resources.get_ptr<const std::string*>();
  if (path == nullptr || path->empty())
    throw ProviderError("resources: expected an array, a URL or the path of a file, found " +
                        show(resources, 60));
  if (net::is_http_url(*path))
    return make_http_provider(*path, options.http, std::move(options.on_warning), options.interrupt_fd);
  return make_file_provider(*path, std::move(options.on_warning),
                            options.clock != nullptr ? std::move(options.clock) : Clock::system());
}

}  // namespace lockable
