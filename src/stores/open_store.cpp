#include <lockable/error.h>
#include <lockable/lock_store.h>

#include "stores/both/both_store.h"
#include "stores/etcd/address.h"
#include "stores/etcd/etcd_store.h"
#include "stores/file/file_store.h"

namespace lockable {

std::shared_ptr<LockStore> open_store(const StoreOptions& options) {
  if (const auto parts = both_store::parts(options.uri)) {
    StoreOptions first = options, second = options;
    first.uri = parts->first;
    second.uri = parts->second;
    return both_store::open(open_store(first), open_store(second));
  }
  const std::string scheme = "file:";
  if (options.uri.rfind(scheme, 0) == 0 && options.uri.size() > scheme.size())
    return file_store::open(options.uri.substr(scheme.size()), options.inheritable);
  if (etcd::is_etcd_uri(options.uri)) return etcd::open(options);
  throw StoreError("lock store '" + options.uri +
                   "' is of no known kind: expected file:DIR or etcd://host:port[,host:port…]/namespace");
}

}  // namespace lockable
