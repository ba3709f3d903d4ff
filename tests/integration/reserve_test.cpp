// `lockablectl reserve` and `release`: people who take a board, and those who hold one and should not.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/bench.h"

namespace lockable::testing {
namespace {

using Json = nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class CtlBench : public Bench {
 protected:
  CtlBench() : Bench(2) {}

  Command ctl(std::vector<std::string> arguments) const {
    Command command = lockable({});
    command.argv = {LOCKABLECTL_COMMAND};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }
  Ended run_ctl(std::vector<std::string> arguments) const { return run(ctl(std::move(arguments))); }
  Ended reserve(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"reserve", "--insist"});  // the folder of a test is in /tmp
    return run_ctl(std::move(arguments));
  }
  Json status() const { return Json::parse(run_ctl({"status", "--json"}).out); }
  void await_queue(std::size_t length) const {
    await("so many wait", [&] { return status()["queue"].size() == length; });
  }
  std::string state(std::size_t resource) const { return status()["resources"][resource]["state"]; }
  // `lockable` with a shell that has said `held` and does not outlive it.
  std::unique_ptr<Process> holder(std::vector<std::string> options, const std::string& script) const {
    options.insert(options.end(), {"--die-with-parent", "--", "sh", "-c", "echo held; " + script});
    auto process = std::make_unique<Process>(lockable(std::move(options)));
    process->await_output("held");
    return process;
  }
  Ended force(const std::string& grace = "5") const {
    return run_ctl({"release", "b1", "--force", "--grace", grace});
  }
};

class ReserveTest : public CtlBench {
 protected:
  std::string py_takes() const {
    const std::string script = "import sys; sys.path.insert(0, '" LOCKABLE_BENCH
                               "'); import py_protocol; "
                               "print(py_protocol.take(sys.argv[1]) is not None)";
    return run({{"python3", "-c", script, pid_file("b1")}, {}, "", ""}).out;
  }
};

TEST_F(ReserveTest, KeepsOthersAwayAndSaysWhoAndWhy) {
  const Ended ended = reserve({"b1", "--for", "2h", "--note", "new firmware"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "reserved b1 until 20")) << ended.out;
  const Ended refused = run_lockable({"--timeout", "0", "--requirements", "id=b1", "true"});
  EXPECT_EQ(refused.exit_code, 75);
  for (const char* part : {"b1 reserved by ", ", until 20", ": new firmware"})
    EXPECT_TRUE(contains(refused.err, part)) << refused.err;
  const Json resource = status()["resources"][0];
  EXPECT_EQ(resource["state"], "reserved");
  EXPECT_EQ(resource["holders"][0]["owner"]["note"], "new firmware");
  EXPECT_TRUE(free("id=b2"));
}

TEST_F(ReserveTest, IsSeenByPyLockable) {
  reserve({"b1", "--for", "ever"});
  EXPECT_EQ(py_takes(), "False\n");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  EXPECT_EQ(py_takes(), "True\n");
}

TEST_F(ReserveTest, WaitsInTheQueueForWhatIsHeld) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  Process reserving(ctl({"reserve", "--insist", "b1", "--for", "1h"}));
  reserving.await_output("lockablectl: waiting for {");
  await_queue(1);
  held->kill(SIGTERM);
  EXPECT_EQ(reserving.wait().exit_code, 0);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, InterruptedItLeavesTheQueue) {
  const auto held = holder({"--requirements", "id=b1"}, "exec sleep 600");
  Process reserving(ctl({"reserve", "--insist", "b1", "--for", "1h"}));
  await_queue(1);
  reserving.kill(SIGINT);
  EXPECT_EQ(reserving.wait().exit_code, 128 + SIGINT);
  EXPECT_EQ(status()["queue"].size(), 0U);
}

TEST_F(ReserveTest, TakesRequirementsAndSeveralAllOrNone) {
  EXPECT_EQ(reserve({R"({"type":"dut","$count":2})", "--for", "ever", "--json"}).exit_code, 0);
  EXPECT_EQ(state(0) + state(1), "reservedreserved");
  EXPECT_EQ(run_ctl({"release", "b1"}).exit_code, 0);
  EXPECT_EQ(reserve({"b1", "b2", "--for", "ever", "--timeout", "0"}).exit_code, 75);
  EXPECT_EQ(state(0), "free");
  EXPECT_EQ(reserve({"type=dut", "--for", "ever", "--timeout", "0"}).exit_code, 0);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, ByIdWhereverItIsAndAlsoOffline) {
  write_inventory(R"([{"id":7,"hostname":"elsewhere","online":false}])");
  const Ended ended = reserve({"7", "--for", "1h30m", "--json"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json[0]["id"], "7");
  EXPECT_EQ(json[0]["owner"]["until"], json[0]["until"]);
  EXPECT_EQ(state(0), "reserved");
}

TEST_F(ReserveTest, NeverAdoptsWhatSurroundsIt) {
  const std::string within = std::string(LOCKABLECTL_COMMAND) + " reserve --insist b1 --for 1h --timeout 0";
  EXPECT_EQ(run_lockable({"--requirements", "id=b1", "--", "sh", "-c", within}).exit_code, 75);
  EXPECT_EQ(state(0), "free");
}

TEST_F(ReserveTest, WhatCannotBe) {
  EXPECT_EQ(reserve({"b1"}).exit_code, 64);
  EXPECT_EQ(reserve({"b1", "--for", "soon"}).exit_code, 64);
  EXPECT_EQ(reserve({"--for", "1h"}).exit_code, 64);
  const Ended unknown = reserve({"b11", "--for", "1h"});
  EXPECT_EQ(unknown.exit_code, 69);
  EXPECT_TRUE(contains(unknown.err, "no resource of") && contains(unknown.err, "has the id \"b11\""));
  EXPECT_EQ(reserve({R"({"type":"dut","$slots":1})", "--for", "1h"}).exit_code, 65);
}

TEST_F(ReserveTest, NotInAFolderThatARebootEmptiesUnlessOneInsists) {
  const Ended refused = run_ctl({"reserve", "b1", "--for", "1h"});
  EXPECT_EQ(refused.exit_code, 73);
  EXPECT_TRUE(contains(refused.err, "a reboot would end reservations in the lock folder") &&
              contains(refused.err, "--insist"))
      << refused.err;
  EXPECT_EQ(state(0), "free");
  std::string kept = "/var/tmp/lockable-test-XXXXXX";
  ASSERT_NE(::mkdtemp(kept.data()), nullptr);
  const Ended ended = run_ctl({"reserve", "b1", "--for", "1h", "--lock-folder", kept});
  std::filesystem::remove_all(kept);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(ReserveTest, ItsEndLetsAWaiterGoOn) {
  const Json until = Json::parse(reserve({"b1", "--for", "1s", "--json"}).out)[0]["until"];
  const Ended ended = run_lockable(
      {"--requirements", "id=b1", "--timeout", "30", "--", "date", "-u", "+%Y-%m-%dT%H:%M:%S.%3NZ"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_GE(ended.out, until.get<std::string>());
}

TEST_F(ReserveTest, ReleasedAfterItsEndPyLockableGoesOnToo) {
  reserve({"b1", "--for", "1s"});
  await("it is over", [this] { return state(0) == "free"; });
  EXPECT_EQ(py_takes(), "False\n");
  EXPECT_EQ(run_ctl({"release", "b1"}).out, "released b1\n");
  EXPECT_EQ(py_takes(), "True\n");
}

TEST_F(ReserveTest, StaysWhenTheMachineStartsAgain) {
  reserve({"b1", "--for", "1h"});
  std::string text = read_text(pid_file("b1"));
  const std::string boot_id = Json::parse(text.substr(text.find('\n')))["boot_id"];
  text.replace(text.find(boot_id), boot_id.size(), "another-boot");
  std::ofstream(pid_file("b1")) << text;
  EXPECT_EQ(state(0), "reserved");
  EXPECT_FALSE(free("id=b1"));
}

class ReleaseTest : public CtlBench {};

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
  reserve({"b1", "--for", "ever"});
  Json record{{"reserved", true}, {"user", "nobody-of-that-name"}, {"note", "mine"}};
  std::ofstream(pid_file("b1")) << "1\n" << record.dump() << "\n";
  const Ended refused = run_ctl({"release", "b1"});
  EXPECT_EQ(refused.exit_code, 75);
  EXPECT_TRUE(contains(refused.err, "reserved by nobody-of-that-name: mine; --force")) << refused.err;
  EXPECT_EQ(state(0), "reserved");
  EXPECT_EQ(run_ctl({"release", "--force", "b1"}).exit_code, 0);
  EXPECT_EQ(state(0), "free");
  record["set_aside"] = true;  // nobody's claim
  std::ofstream(pid_file("b1")) << "1\n" << record.dump() << "\n";
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
  const auto held = holder({"--requirements", "id=b1"}, "kill -STOP $PPID; exec sleep 600");
  EXPECT_EQ(force().exit_code, 0);
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
  EXPECT_TRUE(contains(refused.err, "cannot be seen from here: it is on host x")) << refused.err;
}

TEST_F(ReleaseTest, ForceDoesNotEndItself) {
  const std::string within = std::string(LOCKABLECTL_COMMAND) + " release --force b1; echo still here";
  const Ended ended = run_lockable({"--requirements", "id=b1", "--", "sh", "-c", within});
  EXPECT_TRUE(contains(ended.err, "itself runs under that allocation")) << ended.err;
  EXPECT_EQ(ended.out, "still here\n");
}

}  // namespace
}  // namespace lockable::testing
