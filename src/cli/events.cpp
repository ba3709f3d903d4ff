#include "cli/events.h"

namespace lockable::cli {

Events::Events(bool watch_parent) : parent_(watch_parent ? platform::watch_parent() : platform::Fd()) {
  platform::expect_children();
  signals_.collect({SIGHUP, SIGINT, SIGQUIT, SIGTERM});
  any_.add(signals_.fd());
  if (parent_) any_.add(parent_.get());
}

void Events::collect_for_command() {
  signals_.collect({SIGCHLD, SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2, SIGWINCH});
}

}  // namespace lockable::cli
