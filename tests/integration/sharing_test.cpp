// Resources that several share slot by slot, and requests that wait for each other, by real processes.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "support/bench.h"

namespace lockable::testing {
namespace {

class SharingTest : public Bench {
 protected:
  SharingTest() {
    write_inventory(R"([{"id":"licence","slots":3,"hostname":")" + this_host() + R"(","online":true}])");
  }
  Command holder(const std::string& requirements) const {
    return lockable({"--requirements", requirements, "--die-with-parent", "--", "sh", "-c",
                     "echo ready; exec sleep 600"});
  }
  // As py-lockable: flock, then the pid.
  bool py_lockable_gets(const std::string& id) const {
    const int fd = ::open(pid_file(id).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    char text[17] = {};
    const bool got = ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::read(fd, text, 16) >= 0 &&
                     (text[0] == '\0' || ::kill(std::atoi(text), 0) != 0);
    ::close(fd);
    return got;
  }
};

constexpr const char* kOne = R"({"$slots":1})";
constexpr const char* kTwo = R"({"$slots":2})";

TEST_F(SharingTest, SlotsAreSharedAndTheWholeWaitsForAll) {
  Process two(holder(kTwo));
  two.await_output("ready");
  Process one(holder(kOne));
  one.await_output("ready");
  EXPECT_EQ(run_lockable({"--timeout", "0", "--requirements", kOne, "--", "true"}).exit_code, 75);
  Process whole(holder("{}"));
  await("the whole waits", [this] { return waiting() == 1; });
  two.kill(SIGTERM);
  two.wait();
  // What came back is kept for the one who waits, else slots would go round for ever.
  const Ended late = run_lockable({"--timeout", "0", "--requirements", kOne, "--", "true"});
  EXPECT_EQ(late.exit_code, 75);
  one.kill(SIGTERM);
  one.wait();
  whole.await_output("ready");
  EXPECT_FALSE(free(kOne));
}

TEST_F(SharingTest, AWaiterForASlotIsWokenByADeath) {
  Process three(holder(R"({"$slots":3})"));
  three.await_output("ready");
  Process one(holder(kOne));
  one.await_output("waiting for");
  ::kill(-three.pid(), SIGKILL);
  three.kill(SIGKILL);
  one.await_output("ready");
}

// py-lockable goes by the first line once nobody has the flock: it must not name one who only lives on.
TEST_F(SharingTest, TheFirstLineNamesOneWhoHolds) {
  Process first(holder(kOne));
  first.await_output("ready");
  Process second(holder(kTwo));
  second.await_output("ready");
  EXPECT_EQ(std::stoi(read_text(pid_file("licence"))), first.pid());
  EXPECT_FALSE(py_lockable_gets("licence"));
  first.kill(SIGTERM);
  first.wait();
  EXPECT_EQ(std::stoi(read_text(pid_file("licence"))), second.pid());
  second.kill(SIGTERM);
  second.wait();
  EXPECT_TRUE(py_lockable_gets("licence"));
}

class DeadlockTest : public Bench {
 protected:
  DeadlockTest() : Bench(3) {}
  // Holds one, and asks for another one as soon as the file is there.
  Command holder(const std::string& first, const std::string& then, const std::string& options = "") const {
    const std::string inner = "echo holds; until [ -e " + (folder_ / ("go-" + first)) +
                              " ]; do sleep 0.01; done; exec " + LOCKABLE_COMMAND " --resources " +
                              (folder_ / "resources.json") + " --timeout 60 " + options +
                              "--requirements id=" + then + " -- echo done";
    return lockable({"--requirements", "id=" + first, "--die-with-parent", "--", "sh", "-c", inner});
  }
  void go(const std::string& holder_of) const { folder_.write("go-" + holder_of, ""); }
  void go() const {
    for (const char* board : {"b1", "b2", "b3"}) go(board);
  }
};

TEST_F(DeadlockTest, TheOneThatClosesACircleFailsAtOnceAndTheOthersGoOn) {
  Process first(holder("b1", "b2")), second(holder("b2", "b3")), third(holder("b3", "b1"));
  for (Process* one : {&first, &second, &third}) one->await_output("holds");
  go();
  int failed = 0;
  for (Process* one : {&first, &second, &third}) {
    const Ended ended = one->wait();
    if (ended.exit_code == 0) continue;
    ++failed;
    EXPECT_EQ(ended.exit_code, 71) << ended.err;
    for (const char* part : {"circle", "b1", "b2", "b3", "pid"})
      EXPECT_TRUE(contains(ended.err, part)) << ended.err;
  }
  EXPECT_EQ(failed, 1);
}

// The one that closes it is the last in rank, not the last that came: it is told by the one that sees it.
TEST_F(DeadlockTest, OneWithPriorityThatCameLaterGoesOn) {
  Process first(holder("b1", "b2")), second(holder("b2", "b1", "--priority 5 "));
  for (Process* one : {&first, &second}) one->await_output("holds");
  go("b1");
  await("the first one waits", [this] { return waiting() == 1; });
  go("b2");
  EXPECT_EQ(first.wait().exit_code, 71);
  EXPECT_EQ(second.wait().exit_code, 0);
}

TEST_F(DeadlockTest, WithinALockableThatHoldsWhatIsAskedForAndMore) {
  const Ended ended = run_lockable({"--requirements", "id=b1", "--", LOCKABLE_COMMAND, "--resources",
                                    folder_ / "resources.json", "--timeout", "60", "--requirements", "id=b1",
                                    "--requirements", "id=b2", "--", "true"});
  EXPECT_EQ(ended.exit_code, 71) << ended.err;
  EXPECT_TRUE(contains(ended.err, "b1")) << ended.err;
}

TEST_F(DeadlockTest, WaitingForOneWhoDoesNotWaitIsNone) {
  Process holds(lockable(
      {"--requirements", "id=b2", "--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holds.await_output("ready");
  Process nested(holder("b1", "b2"));
  nested.await_output("holds");
  go();
  await("it waits", [this] { return waiting() == 1; });
  holds.kill(SIGTERM);
  EXPECT_EQ(nested.wait().exit_code, 0);
}

}  // namespace
}  // namespace lockable::testing
