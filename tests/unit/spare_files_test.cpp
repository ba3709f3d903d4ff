// Files that are out of use: who has one next, and what keeps a lock from standing on the wrong one.
#include "stores/file/spare_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "stores/file/resource_lock.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;
using platform::Folder;
using platform::OnExec;

std::uint64_t inode(const std::string& path) {
  struct stat raw {};
  return ::lstat(path.c_str(), &raw) == 0 ? raw.st_ino : 0;
}

class SpareFilesTest : public StoreFolder {
 protected:
  std::string spare_folder() const { return locks() + "/.lockable/spare"; }
  std::string spare(const std::string& id) const { return spare_folder() + "/" + id + ".pid"; }
  void take_and_release(const std::string& id) const { take({id}); }

  const Folder lock_folder_ = Folder::open(locks());
  const Folder in_spare_ = Folder::open(spare_folder());
  const SpareFiles spare_files_{Folder::open(locks() + "/.lockable")};
};

TEST_F(SpareFilesTest, TheNextHolderHasTheFileOfTheLast) {
  const Leases first = take({"a"});
  const std::uint64_t file = inode(pid_file("a"));
  first.front()->release();
  EXPECT_FALSE(fs::exists(pid_file("a")));
  const Leases next = take(*another(), {"a"});
  EXPECT_EQ(inode(pid_file("a")), file);
  EXPECT_FALSE(next.front()->previous_owner_died());
  EXPECT_FALSE(next.front()->lost());
  EXPECT_TRUE(take(*another(), {"a"}).empty());
}

// A py-lockable that opened it long ago would take another resource for its own.
TEST_F(SpareFilesTest, NoOtherResourceHasIt) {
  take_and_release("a");
  const std::uint64_t file = inode(spare("a"));
  const Leases other = take({"b"});
  EXPECT_NE(inode(pid_file("b")), file);
  EXPECT_EQ(inode(spare("a")), file);
}

TEST_F(SpareFilesTest, ASmallerTextLeavesNothingOfTheLast) {
  store_->commit({}, {{"a", "alloc"}}, {{"pid", ::getpid()}, {"note", std::string(500, 'n')}});
  const Leases next = take({"a"});
  const std::vector<Hold> holds = another()->holders("a");
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].alloc_id, "alloc-a");
  EXPECT_EQ(testing::read_text(pid_file("a")).find("nn"), std::string::npos);
}

TEST_F(SpareFilesTest, TheNextWithThatBellHasTheTicket) {
  const auto file_of = [this] { return inode(fs::directory_iterator(queue_folder())->path()); };
  std::uint64_t file = 0;
  {
    const auto place = store_->enqueue(ticket({"a", "a-long-name-that-the-next-one-does-not-have"}));
    file = file_of();
  }
  EXPECT_TRUE(fs::is_empty(queue_folder()));
  const auto other = another();
  const auto place = other->enqueue(ticket({"b"}));
  EXPECT_EQ(file_of(), file);
  const std::vector<Ticket> queue = store_->queue();
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue[0].wants.front().candidates, (std::vector<std::string>{"b"}));
}

// It may be a py-lockable that came too late, or one of ours that looks.
TEST_F(SpareFilesTest, OneThatSomebodyHasLockedIsLeftAlone) {
  take_and_release("a");
  const int late = ::open(spare("a").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(late, LOCK_EX | LOCK_NB), 0);
  const Leases next = take({"a"});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_NE(inode(pid_file("a")), inode(spare("a")));
  next.front()->release();
  ::close(late);
  EXPECT_EQ(take({"a"}).size(), 1U);
}

TEST_F(SpareFilesTest, WhatIsAtThePathStays) {
  take_and_release("a");
  auto file = spare_files_.try_take("a.pid", OnExec::kClose);
  ASSERT_TRUE(file);
  write("a.pid", "of a py-lockable");
  EXPECT_FALSE(spare_files_.put("a.pid", *file, lock_folder_, "a.pid"));
  EXPECT_EQ(testing::read_text(pid_file("a")), "of a py-lockable");
}

// Locked is the file that was opened; what has its name now is another one, which nobody has locked.
TEST_F(SpareFilesTest, OneThatWasReplacedMeanwhileIsNotTakenForTheLockedOne) {
  take_and_release("a");
  auto file = spare_files_.try_take("a.pid", OnExec::kClose);
  ASSERT_TRUE(file);
  write("a.pid", "1\n");
  spare_files_.keep(file->fd.get(), lock_folder_, "a.pid", "a.pid");
  EXPECT_FALSE(spare_files_.put("a.pid", *file, lock_folder_, "a.pid"));
}

// Killed between the two steps: that is a release cut short.
TEST_F(SpareFilesTest, OneThatHasItsPlaceButNoHolderYetIsFree) {
  take_and_release("a");
  {
    auto file = spare_files_.try_take("a.pid", OnExec::kClose);
    ASSERT_TRUE(spare_files_.put("a.pid", *file, lock_folder_, "a.pid"));
  }
  EXPECT_FALSE(held("a"));
  const Leases next = take({"a"});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_FALSE(next.front()->previous_owner_died());
}

// py-lockable, too, must find it free.
TEST_F(SpareFilesTest, OneOfAHolderThatDiedBeforeItWroteNamesNobody) {
  take_and_release("a");
  EXPECT_TRUE(in_child([this] {
    auto* lock = new std::optional<ResourceLock>(
        ResourceLock::try_take(lock_folder_, spare_files_, "a", OnExec::kClose));  // never released
    return lock->has_value();
  }));
  EXPECT_EQ(testing::read_text(pid_file("a")).front(), '\n');
  const Leases next = take({"a"});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_FALSE(next.front()->previous_owner_died());
}

TEST_F(SpareFilesTest, WhatIsPlantedThereIsNotWrittenTo) {
  const std::string precious = folder_.write("precious", "precious");
  fs::create_hard_link(precious, spare("a"));
  fs::create_symlink(precious, spare("b"));
  fs::create_directory(spare("c"));
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(take({id}).size(), 1U) << id;
  EXPECT_EQ(testing::read_text(precious), "precious");
}

// Else that file would be locked wherever it is found again, and nobody would have it.
TEST_F(SpareFilesTest, WhoInheritedTheLockDoesNotKeepTheFile) {
  const auto inheritable = open(locks(), true);
  const Leases first = take(*inheritable, {"a"});
  const std::uint64_t file = inode(pid_file("a"));
  const pid_t left_over = ::fork();
  if (left_over == 0) {
    ::pause();
    ::_exit(0);
  }
  first.front()->release();
  const Leases next = take({"a"});
  EXPECT_EQ(next.size(), 1U);
  EXPECT_EQ(inode(pid_file("a")), file);
  ::kill(left_over, SIGKILL);
  ::waitpid(left_over, nullptr, 0);
}

TEST_F(SpareFilesTest, OneThatOthersCouldNotOpenIsNotUsedAgain) {
  take_and_release("a");
  ASSERT_EQ(::chmod(spare("a").c_str(), 0600), 0);
  const Leases next = take({"a"});
  struct stat raw {};
  ASSERT_EQ(::stat(pid_file("a").c_str(), &raw), 0);
  EXPECT_EQ(raw.st_mode & 0777U, 0644U);
}

TEST_F(SpareFilesTest, WhereTheirFolderCannotBeHadThereAreNone) {
  const std::string target = folder_ / "target";
  fs::create_directory(target);
  for (const bool link : {true, false}) {
    fs::remove_all(spare_folder());
    if (link)
      fs::create_directory_symlink(target, spare_folder());
    else
      write(".lockable/spare", "");
    const auto store = another();
    EXPECT_EQ(take(*store, {"a"}).size(), 1U);
    store->enqueue(ticket({"a"}));
    EXPECT_TRUE(fs::is_empty(target));
    EXPECT_FALSE(fs::exists(pid_file("a")));
  }
}

TEST_F(SpareFilesTest, ALargeTicketIsNotKept) {
  std::vector<std::string> many;
  for (int i = 0; i < 1000; ++i) many.push_back("candidate-" + std::to_string(i));
  store_->enqueue(ticket(many));
  EXPECT_TRUE(fs::is_empty(queue_folder()));
  EXPECT_TRUE(fs::is_empty(spare_folder()));
}

TEST_F(SpareFilesTest, TheyMayBeRemovedAtAnyTime) {
  const Leases held = take({"a"});
  const auto place = store_->enqueue(ticket({"a"}));
  fs::remove_all(spare_folder());
  held.front()->release();
  EXPECT_FALSE(fs::exists(pid_file("a")));
  EXPECT_EQ(take({"a"}).size(), 1U);
}

TEST_F(SpareFilesTest, TheyDoNotFillTheDisk) {
  for (int i = 0; in_spare_.status().size <= 65'536; ++i)
    folder_.write("locks/.lockable/spare/" + std::string(200, 'n') + std::to_string(i), "");
  take_and_release("one more");
  EXPECT_FALSE(fs::exists(pid_file("one more")));
  EXPECT_FALSE(fs::exists(spare("one more")));
}

}  // namespace
}  // namespace lockable::file_store
