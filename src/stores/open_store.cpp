#include <lockable/error.h>
#include <lockable/lock_store.h>

#include "stores/file/file_store.h"

namespace lockable {

std::shared_ptr<LockStore> open_store(const StoreOptions& options) {
  const std::string scheme = "file:";
  if (options.uri.rfind(scheme, 0) == 0 && options.uri.size() > scheme.size())
    return file_store::open(options.uri.substr(scheme.size()), options.inheritable);
  throw StoreError("lock store '" + options.uri + "' is of no known kind: expected file:DIR");
}

}  // namespace lockable
