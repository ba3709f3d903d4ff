#include "unit/store_folder.h"

#include <fcntl.h>
#include <lockable/error.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/wakeup.h"
#include "stores/file/ticket_name.h"

namespace lockable::file_store {

bool StoreFolder::rung(const Place& place) const {
  TicketName name;
  EXPECT_TRUE(TicketName::parse(place.ticket().id, name));
  const std::string path = bells_folder() + "/" + std::to_string(name.bell);
  const platform::Fd bell(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return platform::readable(bell.get());
}

std::size_t StoreFolder::names_in(const std::string& folder) {
  const std::filesystem::directory_iterator names(folder);
  return static_cast<std::size_t>(std::distance(begin(names), end(names)));
}

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
