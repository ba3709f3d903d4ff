#include "cli/store_options.h"

namespace lockable::cli {

void add_store_options(CLI::App& app, std::string& lock_folder, std::string& store) {
  app.add_option("--lock-folder", lock_folder,
                 "Where the lock files are (LOCKABLE_LOCK_FOLDER) [temporary folder]");
  app.add_option(
      "--store", store,
      "URI of the lock store: file:DIR, or etcd://HOST[,HOST]/NAMESPACE, which with a lock folder takes "
      "both locks (LOCKABLE_STORE)");
  app.parse_complete_callback([&lock_folder, &store] {
    if (!lock_folder.empty() && store.rfind("file:", 0) == 0)
      throw CLI::ExcludesError("--store=file:…", "--lock-folder");
  });
}

}  // namespace lockable::cli
