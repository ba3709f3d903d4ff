#include "unit/store_folder.h"

#include <lockable/error.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lockable::file_store {

bool in_child(const std::function<bool()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action() ? 0 : 1);
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

std::string problem_of(const std::string& folder) {
  try {
    open(folder, false);
  } catch (const LockFolderError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace lockable::file_store
