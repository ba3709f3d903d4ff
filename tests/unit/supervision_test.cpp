// Looking after a command.
#include "cli/supervision.h"

#include <gtest/gtest.h>

#include "cli/exit_code.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

TEST(Supervision, ACommandIsNotStartedWithALockThatIsLost) {
  Events events(false);
  bool started = false;
  Task task{{"true"}, {}, {}, false, false, false, true};
  task.on_start = [&started](int) { started = true; };
  task.held_until = [] { return BootClock::now(); };
  EXPECT_EQ(supervise(task, events).exit_code, kLockLost);
  EXPECT_FALSE(started);
  task.held_until = [] { return BootClock::now() + 1h; };
  EXPECT_EQ(supervise(task, events).exit_code, 0);
  EXPECT_TRUE(started);
}

}  // namespace
}  // namespace lockable::cli
