#include "platform/background.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <future>

#include "platform/signals.h"
#include "platform/wakeup.h"
#include "support/process.h"

namespace lockable::platform {
namespace {

TEST(BackgroundTest, TheDestructorStopsTheWorkAndWaitsForIt) {
  bool stopped = false;
  {
    const Background work([&stopped](int stop_fd) {
      Timer().wait_readable({stop_fd}, BootClock::time_point::max());
      stopped = true;
    });
    EXPECT_FALSE(work.done());
  }
  EXPECT_TRUE(stopped);
}

TEST(BackgroundTest, DoneIsSeenWithoutStopping) {
  std::promise<void> go;
  const Background work([&go](int) { go.get_future().wait(); });
  EXPECT_FALSE(work.done());
  go.set_value();
  testing::await("it is done", [&work] { return work.done(); });
}

TEST(BackgroundTest, NoSignalIsHandledThere) {
  sigset_t there;
  std::promise<void> seen;
  const Background work([&](int) {
    ::pthread_sigmask(SIG_SETMASK, nullptr, &there);
    seen.set_value();
  });
  seen.get_future().wait();
  EXPECT_EQ(::sigismember(&there, SIGINT), 1);
  EXPECT_EQ(::sigismember(&there, SIGCHLD), 1);
  sigset_t here;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &here);
  EXPECT_EQ(::sigismember(&here, SIGINT), 0);
}

TEST(NoBrokenPipeSignalTest, WritingToNobodyIsAnErrorOnly) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  {
    const NoBrokenPipeSignal guard;
    EXPECT_EQ(::write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
  }
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
  EXPECT_EXIT(::write(ends[1], "x", 1), ::testing::KilledBySignal(SIGPIPE), "");
  ::close(ends[1]);
}

}  // namespace
}  // namespace lockable::platform
