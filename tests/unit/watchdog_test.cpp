// The process that ends others when their time is over.
#include "platform/watchdog.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "platform/child.h"
#include "platform/identity.h"
#include "platform/shared_memory.h"
#include "support/process.h"

namespace lockable::platform {
namespace {

using namespace std::chrono_literals;
using testing::await;

constexpr auto kNever = BootClock::time_point::max();

/// Whom it guards: a child with children of its own, and what they share with this test.
class WatchdogTest : public ::testing::Test {
 protected:
  struct Words {
    std::atomic<bool> time_is_over{false};
    std::atomic<int> in_group{0};
    std::atomic<int> with_mark{0};
    std::atomic<int> without_mark{0};
    std::atomic<bool> ready{false};
  };

  ~WatchdogTest() override {
    for (const int pid :
         {words_->in_group.load(), words_->with_mark.load(), words_->without_mark.load(), guarded_})
      if (pid > 0) ::kill(pid, SIGKILL);
    if (guarded_ > 0) ::waitpid(guarded_, nullptr, 0);
  }

  std::function<BootClock::time_point()> until() {
    return [this] { return words_->time_is_over ? BootClock::time_point::min() : BootClock::now() + 5ms; };
  }

  // Starts a watchdog over a child of ours that has one child in a group of its own and one in a session of
  // its own, which only its environment gives away, with a child in another one, which nothing does.
  void guard(bool ends_us, bool adopts_orphans = false) {
    guarded_ = ::fork();
    if (guarded_ != 0) return await("it runs", [this] { return words_->ready.load(); });
    if (adopts_orphans) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    Watchdog watchdog({until(), ends_us, "time is over"});
    ::signal(SIGCHLD, SIG_IGN);
    words_->in_group = start({"sleep", "600"}, {}, false);
    words_->with_mark = start({"sleep", "600"}, {"NAME=" + mark_}, true, [this] {
      words_->without_mark = start({"sleep", "600"}, {}, true);
    });
    watchdog.watch_marked(mark_);
    watchdog.watch_group(words_->in_group);
    await("all run", [this] { return words_->without_mark != 0; });
    words_->ready = true;
    for (;;) ::pause();
  }

  static int start(std::vector<std::string> words, std::vector<std::string> environment, bool own_session,
                   const std::function<void()>& first = {}) {
    std::vector<char*> argv, variables;
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& variable : environment) variables.push_back(variable.data());
    argv.push_back(nullptr);
    variables.push_back(nullptr);
    const int pid = ::fork();
    if (pid > 0) ::setpgid(pid, pid);
    if (pid != 0) return pid;
    if (own_session)
      ::setsid();
    else
      ::setpgid(0, 0);
    if (first) first();
    ::execvpe(argv.front(), argv.data(), variables.data());
    ::_exit(127);
  }

  void expect_all_ended() {
    await("all have ended", [this] {
      return words_->without_mark != 0 && !alive(words_->in_group) && !alive(words_->with_mark) &&
             !alive(words_->without_mark);
    });
  }

  // Another test's watchdog may be about yet.
  static std::string new_mark() {
    static int serial = 0;
    return "the mark of test " + std::to_string(++serial) + " of " + std::to_string(::getpid());
  }

  const std::string mark_ = new_mark();
  Shared<Words> words_;
  int guarded_ = 0;
};

TEST_F(WatchdogTest, EndsWhatItWatchesAndNotUs) {
  guard(false);
  words_->time_is_over = true;
  expect_all_ended();
  EXPECT_TRUE(alive(guarded_));
}

TEST_F(WatchdogTest, EndsUsWhenThatIsItsTask) {
  guard(true);
  words_->time_is_over = true;
  int status = 0;
  ASSERT_EQ(::waitpid(guarded_, &status, 0), guarded_);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  guarded_ = 0;
  expect_all_ended();
}

TEST_F(WatchdogTest, ActsWhileWeAreStopped) {
  guard(false);
  ::kill(guarded_, SIGSTOP);
  words_->time_is_over = true;
  expect_all_ended();
}

TEST_F(WatchdogTest, ActsWhenWeWereKilled) {
  guard(false);
  ::kill(guarded_, SIGKILL);
  ASSERT_EQ(::waitpid(guarded_, nullptr, 0), guarded_);
  guarded_ = 0;
  EXPECT_TRUE(alive(words_->in_group) && alive(words_->with_mark) && alive(words_->without_mark))
      << "before its time";
  words_->time_is_over = true;
  expect_all_ended();
}

// As under the first process of a container: whoever is left alone becomes a child of whom it guards.
TEST_F(WatchdogTest, EndsAllAlsoWhenItIsAChildItself) {
  guard(false, true);
  ::kill(guarded_, SIGSTOP);
  words_->time_is_over = true;
  expect_all_ended();
}

TEST(Watchdog, GoesWithItsObjectAndIsNoChildOfOurs) {
  int pid = 0;
  {
    const Watchdog watchdog({[] { return kNever; }, true, "never told"});
    pid = watchdog.pid();
    EXPECT_TRUE(alive(pid));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child of ours";
  }
  EXPECT_FALSE(alive(pid));
}

TEST(Watchdog, KeepsNoneOfOurDescriptors) {
  Pipe pipe = make_pipe();
  const Watchdog watchdog({[] { return kNever; }, true, "never told"});
  pipe.write.reset();
  char byte = 0;
  EXPECT_EQ(::read(pipe.read.get(), &byte, 1), 0) << "somebody has the other end";
}

}  // namespace
}  // namespace lockable::platform
