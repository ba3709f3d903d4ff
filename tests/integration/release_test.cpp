// `lockablectl release`: reservations that end, and those who hold a board and should not.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "integration/ctl_bench.h"

namespace lockable::testing {
namespace {

class ReleaseTest : public CtlBench {
 protected:
  // As somebody else would have reserved it.
  void reserved_by(const Json& owner) const {
    store()->commit({}, {{"b1", "alloc"}}, Json::object()).at(0)->leave_reserved(owner);
  }
};

TEST_F(ReleaseTest, WakesWhoWaits) {
  reserve({"b1", "--for", "ever"});
  Process waiter(lockable({"--requirements", "id=b1", "echo got it"}));
  await_queue(1);
  const Ended ended = run_ctl({"release", "b1"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "released b1\n");
  EXPECT_EQ(waiter.wait().out, "got it\n");
}

TEST_F(ReleaseTest, OfSomebodyElsesReservationNeedsForce) {
  Json record{{"reserved", true}, {"user", "nobody-of-that-name"}, {"note", "mine"}};
  reserved_by(record);
  const Ended refused = run_ctl({"release", "b1"});
  EXPECT_EQ(refused.exit_code, 75);
  EXPECT_TRUE(contains(refused.err, "reserved by nobody-of-that-name: mine; --force")) << refused.err;
  EXPECT_EQ(state(0), "reserved");
  EXPECT_EQ(run_ctl({"release", "--force", "b1"}).exit_code, 0);
  EXPECT_EQ(state(0), "free");
  record["set_aside"] = true;  // nobody's claim
  reserved_by(record);
  EXPECT_EQ(state(0), "set_aside");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, OfWhatIsFreeOrUnknown) {
  EXPECT_EQ(run_ctl({"release", "b1"}).out, "b1 was free\n");
  EXPECT_EQ(run_ctl({"release", "b9"}).exit_code, 69);
  EXPECT_EQ(run_ctl({"release"}).exit_code, 64);
  reserve({"b1", "--for", "ever"});
  EXPECT_EQ(run_ctl({"release", "b1", "b2", "--json"}).out,
            Json::parse(R"([{"id":"b1","was":"reserved","released":true},
                            {"id":"b2","was":"free","released":true}])")
                    .dump(2) +
                "\n");
}

TEST_F(ReleaseTest, WhatLeftTheInventoryCanBeReleased) {
  reserve({"b1", "--for", "ever"});
  write_inventory("[");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  write_boards(1);
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, OfWhatIsHeldSaysByWhom) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  const Ended refused = run_ctl({"release", "b1"});
  EXPECT_EQ(refused.exit_code, 75);
  EXPECT_TRUE(contains(refused.err, "pid " + std::to_string(held->pid()) + " (sh)") &&
              contains(refused.err, "--force ends the holder"))
      << refused.err;
  EXPECT_TRUE(held->running());
}

TEST_F(ReleaseTest, ForceEndsTheHolderInOrder) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  const Ended ended = force();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.err, "it is held by ") &&
              contains(ended.err, "ending pid " + std::to_string(held->pid()) + " (lockable)"))
      << ended.err;
  EXPECT_EQ(held->wait().exit_code, 128 + SIGTERM);
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, ForceEndsAStoppedHolder) {
  const auto held = holder({"--requirements", "id=b1"}, "kill -STOP $PPID; echo stopped; exec sleep 600");
  held->await_output("stopped");
  const Ended ended = force("60");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_FALSE(contains(ended.err, "killing")) << ended.err;  // it went on, to end in order
  held->wait();
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, ForceKillsAHolderThatDoesNotEnd) {
  const auto held = holder({"--requirements", "id=b1"}, "trap '' TERM; while :; do kill -STOP $PPID; done");
  const Ended ended = force("0.1");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.err, "killing pid " + std::to_string(held->pid()))) << ended.err;
  held->wait();
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, ForceEndsWhoeverInheritedTheLock) {
  const std::string stubborn =
      "trap '' TERM HUP; echo $$ > " + (folder_ / "pid") + "; while :; do read x; done";
  Process held(
      lockable({"--requirements", "id=b1", "--", "sh", "-c", "mkfifo f; (" + stubborn + ") <> f & wait"}));
  await("the child is there", [this] { return contains(read_text(folder_ / "pid"), "\n"); });
  held.kill(SIGKILL);
  held.wait();
  EXPECT_EQ(state(0), "held");
  const Ended ended = force("0.1");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.err, "killing pid ")) << ended.err;
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, ForceLeavesTheNextHolderAlone) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  Process next(lockable(
      {"--requirements", "id=b1", "--die-with-parent", "--", "sh", "-c", "echo mine; exec sleep 600"}));
  await_queue(1);
  EXPECT_EQ(force().exit_code, 0);
  next.await_output("mine");
  EXPECT_TRUE(next.running());
  EXPECT_EQ(status()["resources"][0]["holders"][0]["owner"]["pid"], next.pid());
}

TEST_F(ReleaseTest, ForceEndsEachHolderOfSlots) {
  write_inventory(R"([{"id":"b1","slots":3,"hostname":")" + this_host() + R"(","online":true}])");
  const std::string one = R"({"id":"b1","$slots":1})";
  const auto first = holder({"--requirements", one}, "exec sleep 600");
  const auto second = holder({"--requirements", one}, "exec sleep 600");
  EXPECT_EQ(force().exit_code, 0);
  first->wait();
  second->wait();
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReleaseTest, ForceEndsAPyLockable) {
  const std::string script =
      "import sys, time; sys.path.insert(0, '" LOCKABLE_BENCH
      "'); import py_protocol; "
      "file = py_protocol.take(sys.argv[1]); print('held', flush=True); time.sleep(600)";
  run_ctl({"status"});  // makes the folder
  Process held({{"python3", "-c", script, pid_file("b1")}, {}, "", ""});
  held.await_output("held");
  EXPECT_EQ(state(0), "held");
  const Ended ended = force();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(held.wait().exit_code, 128 + SIGTERM);
  EXPECT_EQ(state(0), "free");
}

// A pid file with a record, whose flock somebody has.
class Locked {
 public:
  Locked(const std::string& path, const std::string& content) {
    std::ofstream(path) << content;
    fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    ::flock(fd_, LOCK_EX);
  }
  ~Locked() { ::close(fd_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  int fd_;
};

TEST_F(ReleaseTest, ForceTouchesNoProcessThatGotTheNumberOfTheHolder) {
  const auto other = holder({"--requirements", "id=b2"}, "exec sleep 600");
  Json record = status()["resources"][1]["holders"][0]["owner"];
  record["start_time"] = record["start_time"].get<std::uint64_t>() - 1;
  const std::string script =
      "exec 9<>" + pid_file("b1") + "; flock 9; echo held; read x < " + (folder_ / "fifo");
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  std::ofstream(pid_file("b1")) << record["pid"] << "\n" << record.dump() << "\n";
  Process heir({{"sh", "-c", script}, {}, "", ""});
  heir.await_output("held");
  const Ended ended = force();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.err, "ending pid " + std::to_string(heir.pid()) + " (sh)")) << ended.err;
  EXPECT_FALSE(contains(ended.err, "ending pid " + record["pid"].dump())) << ended.err;
  EXPECT_TRUE(other->running());
}

TEST_F(ReleaseTest, ForceNeedsToSeeWhoHasTheLock) {
  run_ctl({"status"});
  // We have the lock, through a name of the file that a look at us does not find.
  std::ofstream(pid_file("b1")) << 0x3fffffff << "\n";
  std::filesystem::create_hard_link(pid_file("b1"), folder_ / "elsewhere");
  const Locked locked(folder_ / "elsewhere",
                      "1073741823\n" + Json{{"pid", 1073741823}, {"host", "x"}}.dump() + "\n");
  const Ended refused = force();
  EXPECT_EQ(refused.exit_code, 75);
  EXPECT_TRUE(contains(refused.err, "cannot be seen from here")) << refused.err;
}

TEST_F(ReleaseTest, ForceDoesNotEndItself) {
  const std::string within = std::string(LOCKABLECTL_COMMAND) + " release --force b1; echo still here";
  const Ended ended = run_lockable({"--requirements", "id=b1", "--", "sh", "-c", within});
  EXPECT_TRUE(contains(ended.err, "itself runs under that allocation")) << ended.err;
  EXPECT_EQ(ended.out, "still here\n");
}

}  // namespace
}  // namespace lockable::testing
