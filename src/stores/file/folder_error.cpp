#include "stores/file/folder_error.h"

#include <fmt/format.h>
#include <lockable/error.h>

namespace lockable::file_store {

void throw_folder_error(const std::string& folder, const platform::SystemError& error) {
  constexpr const char* kSettings = "with --lock-folder or LOCKABLE_LOCK_FOLDER";
  std::string remedy = fmt::format("give a folder that you may write to {}", kSettings);
  if (error.not_permitted())
    remedy = fmt::format(
        "a folder for several users is made, or repaired, by `lockablectl init-folder DIR --group GROUP`, "
        "and "
        "given {}",
        kSettings);
  if (error.disk_full()) remedy = fmt::format("free some space there, or give another folder {}", kSettings);
  if (error.too_large()) remedy = "raise the limit on the size of files (ulimit -f)";
  if (error.wrong_kind())
    remedy = fmt::format("something else is in its place: remove that, or give another folder {}", kSettings);
  throw LockFolderError(fmt::format("lock folder {} cannot be used: {}; {}", folder, error.what(), remedy));
}

}  // namespace lockable::file_store
