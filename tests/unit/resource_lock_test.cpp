// What may stand at `<id>.pid`, and what becomes of a lock that is held.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/identity.h"
#include "platform/wakeup.h"
#include "stores/file/pid_file.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

class ResourceLockTest : public StoreFolder {
 protected:
  enum Outcome { kHeld, kFree, kFreeAndDied };
  // What a request finds when the file has this content.
  Outcome outcome(const std::string& content) const {
    write("b.pid", content);
    return outcome();
  }
  Outcome outcome() const {
    const bool looks_held = held("b");
    const Leases leases = take({"b"});
    EXPECT_EQ(looks_held, leases.empty());
    if (leases.empty()) return kHeld;
    return leases.front()->previous_owner_died() ? kFreeAndDied : kFree;
  }
  static Json record(long pid) {
    const platform::Identity& me = platform::self();
    return {{"pid", pid},
            {"boot_id", me.boot_id},
            {"pid_namespace", me.pid_namespace},
            {"start_time", platform::start_time(pid).value_or(0)}};
  }
  void set_modified(std::chrono::seconds before_now) const {
    const timespec at{::time(nullptr) - before_now.count(), 0};
    const timespec times[2] = {at, at};
    ASSERT_EQ(::utimensat(AT_FDCWD, pid_file("b").c_str(), times, 0), 0);
  }
};

TEST_F(ResourceLockTest, WithoutAFlockTheContentDecides) {
  const std::string alive = std::to_string(::getppid());
  const std::string dead = "4194304";  // above the highest there can be
  Json elsewhere = record(::getppid());
  elsewhere["pid_namespace"] = 1;
  Json rebooted = record(::getppid());
  rebooted["boot_id"] = "another";
  Json first = record(1);
  first["pid_namespace"] = 1;
  const struct {
    std::string content;
    Outcome outcome;
  } cases[] = {
      {"", kFree},
      {"garbage", kFreeAndDied},
      {"\xff\xfe\n\n\n", kFreeAndDied},
      {std::string(100'000, 'x'), kFreeAndDied},
      {std::string("12\0"
                   "3",
                   4),
       kFreeAndDied},
      {"0\n", kFreeAndDied},
      {"-1\n", kFreeAndDied},
      {dead, kFreeAndDied},
      {dead + "\n" + record(4194304).dump() + "\n", kFreeAndDied},
      {"99999999999999999999", kFreeAndDied},
      {"4294967297", kFreeAndDied},  // as an int it would be process 1
      {std::to_string(4294967296 + ::getppid()), kFreeAndDied},
      {std::to_string(::getpid()), kFreeAndDied},  // ours, but we hold no flock
      {"1", kFree},                                // torn releases
      {"1\n", kFree},
      {"1\n345\n{\"pid\":12345}\n", kFree},
      {"1\n" + first.dump() + "\n", kFreeAndDied},  // the first process of a container
      {alive, kHeld},                               // py-lockable
      {alive + "\n", kHeld},
      {alive + "\n" + record(::getppid()).dump() + "\n", kHeld},
      {alive + "\n" + elsewhere.dump() + "\n", kFreeAndDied},
      {alive + "\n" + rebooted.dump() + "\n", kFreeAndDied},
      {"1\n{\"reserved\":true}\n", kHeld},
  };
  for (const auto& one : cases) EXPECT_EQ(outcome(one.content), one.outcome) << one.content.substr(0, 200);
}

TEST_F(ResourceLockTest, ARecycledPidIsDead) {
  write("b.pid", std::to_string(::getppid()));
  set_modified(std::chrono::hours(24 * 365 * 20));
  EXPECT_EQ(outcome(), kFreeAndDied);
  write("b.pid", std::to_string(::getppid()));
  EXPECT_EQ(outcome(), kHeld);
}

TEST_F(ResourceLockTest, AZombieIsDead) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(outcome(std::to_string(child)), kFreeAndDied);
  ::waitpid(child, nullptr, 0);
}

TEST_F(ResourceLockTest, AFlockOfSomebodyWithoutContentHolds) {
  for (const int operation : {LOCK_EX, LOCK_SH}) {
    write("b.pid", "");
    const int fd = ::open(pid_file("b").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(fd, operation), 0);
    EXPECT_TRUE(take({"b"}).empty());
    EXPECT_EQ(held("b"), operation == LOCK_EX);
    ::close(fd);
    EXPECT_EQ(take({"b"}).size(), 1U);
  }
}

TEST_F(ResourceLockTest, AHolderWithAStrangeRecordIsToldAllTheSame) {
  const std::string deep = std::string(20'000, '[') + std::string(20'000, ']');
  for (const std::string& record :
       {std::string(R"({"pid":5,"alloc_id":7,"user":["x"]})"), R"({"pid":5,"user":)" + deep + "}",
        std::string(R"({"pid":"5"})"), std::string("[5]"), std::string("{\"pid\":5,\"user\":\"\xff\"}")}) {
    write("b.pid", "5\n" + record + "\n");
    const int fd = ::open(pid_file("b").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(fd, LOCK_EX), 0);
    const auto holds = store_->holders("b");
    ASSERT_EQ(holds.size(), 1U);
    EXPECT_EQ(holds[0].owner.at("pid"), 5);
    EXPECT_EQ(holds[0].alloc_id, "");
    EXPECT_LT(holds[0].owner.dump().size(), 1000U);
    ::close(fd);
  }
}

TEST_F(ResourceLockTest, ALinkIsNeverFollowed) {
  const std::string target = folder_.write("target", "precious");
  std::filesystem::create_symlink(target, pid_file("b"));
  EXPECT_EQ(outcome(), kHeld);
  EXPECT_NE(
      store_->holders("b").at(0).owner.at("note").get<std::string>().find("is no regular file: remove it"),
      std::string::npos);
  EXPECT_EQ(testing::read_text(target), "precious");
  std::filesystem::remove(target);
  EXPECT_EQ(outcome(), kHeld);
  EXPECT_FALSE(std::filesystem::exists(target));
  EXPECT_TRUE(std::filesystem::is_symlink(pid_file("b")));
}

TEST_F(ResourceLockTest, AHardLinkIsNeverWrittenTo) {
  for (const char* content : {"precious", "", "4194304\n"}) {
    const std::string target = folder_.write("target", content);
    std::filesystem::create_hard_link(target, pid_file("b"));
    EXPECT_EQ(outcome(), kHeld);
    EXPECT_NE(store_->holders("b").at(0).owner.at("note").get<std::string>().find(
                  "is a hard link to another file: remove it"),
              std::string::npos);
    EXPECT_EQ(testing::read_text(target), content);
    std::filesystem::remove(target);
    EXPECT_NE(outcome(), kHeld) << "with one name it is a file as any other";
    std::filesystem::remove(pid_file("b"));
  }
}

TEST_F(ResourceLockTest, AFifoAFolderAndASocketCannotBeLockedAndNeverBlock) {
  ASSERT_EQ(::mkfifo(pid_file("b").c_str(), 0666), 0);
  EXPECT_EQ(outcome(), kHeld);
  std::filesystem::remove(pid_file("b"));
  std::filesystem::create_directory(pid_file("b"));
  EXPECT_EQ(outcome(), kHeld);
  std::filesystem::remove(pid_file("b"));
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  pid_file("b").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(outcome(), kHeld);
  ::close(listener);
}

TEST_F(ResourceLockTest, WritesWhoHoldsItAndLeavesNothing) {
  Leases leases = take({"b"});
  const std::string text = testing::read_text(pid_file("b"));
  EXPECT_EQ(text.rfind(std::to_string(::getpid()) + "\n{", 0), 0U) << text;
  const Json record = Json::parse(text.substr(text.find('\n')));
  EXPECT_EQ(record.at("resource_id"), "b");
  EXPECT_EQ(record.at("alloc_id"), "alloc-b");
  EXPECT_EQ(record.at("fencing_token"), leases[0]->fencing_token());
  EXPECT_EQ(store_->holders("b").at(0).alloc_id, "alloc-b");
  leases.clear();
  EXPECT_FALSE(std::filesystem::exists(pid_file("b")));
  EXPECT_FALSE(held("b"));
}

TEST_F(ResourceLockTest, AShorterRecordLeavesNothingOfALongerOne) {
  write("b.pid", "4194304\n" + std::string(5000, 'x'));
  const Leases leases = take({"b"});
  EXPECT_EQ(testing::read_text(pid_file("b")).find('x'), std::string::npos);
}

// Long texts would push the record over what is read of the file, and the holder would be nobody.
TEST_F(ResourceLockTest, LongTextsAreCutInTheRecord) {
  const std::string id(300'000, 'i');
  const Leases leases =
      store_->commit({}, {{id, "alloc"}}, {{"pid", ::getpid()}, {"note", std::string(300'000, 'n')}});
  const auto holds = store_->holders(id);
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].alloc_id, "alloc");
  EXPECT_EQ(holds[0].owner.at("note").get<std::string>().substr(0, 3), "nnn");
}

// A late py-lockable that opened the file before must find a living pid in it.
TEST_F(ResourceLockTest, ReleaseWritesOneAndThenTakesTheFileAway) {
  Leases leases = take({"b"});
  const int late = ::open(pid_file("b").c_str(), O_RDONLY | O_CLOEXEC);
  leases.front()->release();
  char start[3] = {};
  ASSERT_EQ(::pread(late, start, 2, 0), 2);
  EXPECT_STREQ(start, "1\n");
  EXPECT_FALSE(std::filesystem::exists(pid_file("b")));
  EXPECT_EQ(::flock(late, LOCK_EX | LOCK_NB), 0);
  ::close(late);
  leases.front()->release();  // does nothing
}

// They would look again, fail again, and so on.
TEST_F(ResourceLockTest, WhoFailsToTakeItWakesNobodyWhoLooksOut) {
  const Leases held = take({"b"});
  write("c.pid", "");
  const int looker = ::open(pid_file("c").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(looker, LOCK_SH | LOCK_NB), 0);
  platform::FolderWatch watch = platform::FolderWatch::try_open();
  ASSERT_TRUE(watch.add(locks()));
  EXPECT_TRUE(take(*another(), {"b"}).empty());
  EXPECT_TRUE(take(*another(), {"c"}).empty());
  EXPECT_TRUE(watch.changes().empty());
  ::close(looker);
}

// Of the first process of a container all but the empty line would stay.
TEST_F(ResourceLockTest, WhatIsReleasedNamesNobodyWhoeverHeldIt) {
  const std::string held = "1\n{\"pid\":1,\"user\":\"ann\"}\n";
  const PidFile released = parse_pid_file(std::string(kReleased) + held.substr(kReleased.size()));
  EXPECT_EQ(released.pid, 1);
  EXPECT_TRUE(released.record.is_null());
}

// Somebody takes it just now.
TEST_F(ResourceLockTest, ALockedFileThatNamesNobodyIsHeldByNobodyKnown) {
  write("b.pid", "1\n\n");
  const int taker = ::open(pid_file("b").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(taker, LOCK_EX | LOCK_NB), 0);
  const std::vector<Hold> holds = store_->holders("b");
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].owner, Json::object());
  ::close(taker);
}

TEST_F(ResourceLockTest, ALockIsLostWhenItsFileIsRemovedOrReplaced) {
  Leases leases = take({"b"});
  EXPECT_FALSE(leases.front()->lost());
  std::filesystem::remove(pid_file("b"));
  EXPECT_TRUE(leases.front()->lost());
  write("b.pid", "somebody's");
  EXPECT_TRUE(leases.front()->lost());
  leases.clear();
  EXPECT_EQ(testing::read_text(pid_file("b")), "somebody's");
}

TEST_F(ResourceLockTest, InAForkedChildItIsTheParents) {
  Leases leases = take({"b"});
  EXPECT_TRUE(in_child([&] {
    const bool seen = !leases.front()->lost();
    leases.clear();
    return seen;
  }));
  EXPECT_TRUE(held("b"));
  EXPECT_FALSE(leases.front()->lost());
  EXPECT_TRUE(in_child([&] { return take(*another(), {"b"}).empty(); }));
}

TEST_F(ResourceLockTest, AChildThatLivesOnKeepsItOnlyWhenInheritable) {
  for (const bool inheritable : {false, true}) {
    int ready[2];
    int done[2];
    ASSERT_EQ(::pipe(ready) + ::pipe(done), 0);
    char byte = 0;
    const auto store = open(locks(), inheritable);
    const pid_t holder = ::fork();
    if (holder == 0) {
      const Leases leases = take(*store, {"b"});
      if (!leases.empty() && ::fork() == 0) {
        ::close(done[1]);
        const bool told = ::write(ready[1], "!", 1) == 1;
        ::_exit(told && ::read(done[0], &byte, 1) == 0 ? 0 : 1);
      }
      ::_exit(0);  // dies without releasing
    }
    ::waitpid(holder, nullptr, 0);
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    const Leases leases = take({"b"});
    ASSERT_EQ(leases.empty(), inheritable);
    EXPECT_TRUE(inheritable || leases.front()->previous_owner_died());
    for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
  }
}

}  // namespace
}  // namespace lockable::file_store
