#include "stores/file/pid_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "platform/identity.h"
#include "stores/file/names.h"

namespace lockable::file_store {
namespace {

platform::FileStatus written_now() {
  platform::FileStatus status;
  status.modified = Clock::system()->wall();
  return status;
}

bool taken(const std::string& text) { return taken_without_flock(parse_pid_file(text), written_now()); }

Json record_of(long pid) {
  const platform::Identity& me = platform::self();
  return {{"pid", pid},
          {"boot_id", me.boot_id},
          {"pid_namespace", me.pid_namespace},
          {"start_time", platform::start_time(pid).value_or(0)}};
}

TEST(PidFile, ReadsPidAndRecord) {
  const PidFile file = parse_pid_file("4711\n{\"pid\":4711,\"user\":\"ann\"}\n");
  EXPECT_EQ(file.pid, 4711);
  EXPECT_EQ(file.record.at("user"), "ann");
}

TEST(PidFile, GarbageIsNobodys) {
  for (const char* text :
       {"", "\n", "x", "0\n", "-1\n", "12x\n", "99999999999999999999\n", "\xff\xfe\n{", "{}\n{}", "1e3\n"}) {
    EXPECT_EQ(parse_pid_file(text).pid, 0) << text;
    EXPECT_FALSE(taken(text)) << text;
  }
}

TEST(PidFile, ARecordOfAnotherPidIsALeftOver) {
  EXPECT_TRUE(parse_pid_file("1\n345\n{\"pid\":12345}\n").record.is_null());
  EXPECT_TRUE(parse_pid_file("1\n{\"pid\":5}\n").record.is_null());
}

TEST(PidFile, PyLockableAliveIsTaken) {
  EXPECT_TRUE(taken(std::to_string(::getppid())));  // as py-lockable writes it: no end of line
  EXPECT_FALSE(taken("4194303\n"));
}

TEST(PidFile, ARecycledPidIsDead) {
  platform::FileStatus long_ago;
  long_ago.modified = *platform::started_at(::getppid()) - std::chrono::hours(1);
  EXPECT_FALSE(taken_without_flock(parse_pid_file(std::to_string(::getppid())), long_ago));
  Json record = record_of(::getppid());
  const std::string first_line = std::to_string(::getppid()) + "\n";
  EXPECT_TRUE(taken(first_line + record.dump()));
  record["start_time"] = 1;
  EXPECT_FALSE(taken(first_line + record.dump()));
}

TEST(PidFile, AnotherBootOrNamespaceLeavesItToTheFlock) {
  for (const char* key : {"boot_id", "pid_namespace"}) {
    Json record = record_of(::getppid());
    record[key] = "another";
    EXPECT_FALSE(taken(std::to_string(::getppid()) + "\n" + record.dump())) << key;
  }
}

TEST(PidFile, ALoneOneIsATornReleaseAndAReservationIsNot) {
  EXPECT_FALSE(taken("1\n"));
  EXPECT_TRUE(taken("1\n{\"reserved\":true,\"note\":\"broken\"}\n"));
}

TEST(PidFile, OurOwnProcessIsNotAnother) { EXPECT_FALSE(taken(std::to_string(::getpid()) + "\n")); }

TEST(Names, AreTheIdsBytesOrAHash) {
  EXPECT_EQ(pid_file_name("board 1\nx"), "board 1\nx.pid");
  EXPECT_EQ(pid_file_name(".."), "...pid");
  EXPECT_EQ(pid_file_name(std::string(251, 'x')).size(), 255U);
  for (const std::string& id :
       {std::string("../evil"), std::string("/etc/x"), std::string("a\0b", 3), std::string(300, 'x')}) {
    const std::string name = pid_file_name(id);
    EXPECT_EQ(name.rfind(".lockable/ids/", 0), 0U) << id;
    EXPECT_EQ(name.size(), std::string(".lockable/ids/").size() + 32 + 4) << id;
  }
  EXPECT_NE(pid_file_name("a/b"), pid_file_name("a/c"));
}

}  // namespace
}  // namespace lockable::file_store
