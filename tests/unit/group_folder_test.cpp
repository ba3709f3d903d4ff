// A folder that several users share, as far as one user can see it. With real users:
// integration/users_test.cpp.
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "platform/accounts.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const std::string& path) {
  struct stat raw {};
  return ::lstat(path.c_str(), &raw) == 0 ? raw.st_mode & 07777U : 0U;
}

class GroupFolderTest : public StoreFolder {
 protected:
  GroupFolderTest() { EXPECT_EQ(::chmod(locks().c_str(), 02770), 0); }
  ~GroupFolderTest() override { ::umask(mask_); }

  const std::string hashed_ = std::string(300, 'x');
  const mode_t mask_ = ::umask(077);
};

TEST_F(GroupFolderTest, EverythingIsForTheGroupWhateverTheUmask) {
  fs::remove_all(locks() + "/.lockable");
  const auto store = another();
  const Leases leases = take(*store, {"b", hashed_});
  const auto place = store->enqueue(ticket({"b"}));
  std::map<unsigned, int> counts;
  for (const auto& entry : fs::recursive_directory_iterator(locks())) {
    EXPECT_EQ(mode_of(entry.path()), entry.is_directory() ? 02770U : 0660U) << entry.path();
    ++counts[entry.is_directory() ? 0 : entry.is_fifo() ? 1 : 2];
  }
  EXPECT_EQ(counts[0], 5) << ".lockable, ids, queue, bells, spare";
  EXPECT_EQ(counts[1], 1) << "the bell";
  EXPECT_EQ(counts[2], 5) << "two pid files, the ticket, tokens, the lookout";
}

// A py-lockable of the same user, that died, leaves such a mode.
TEST_F(GroupFolderTest, AFileThatIsNotForTheGroupIsNotUsedAgain) {
  fs::remove_all(locks() + "/.lockable");
  const auto store = another();
  take(*store, {"b"});
  ASSERT_EQ(::chmod((locks() + "/.lockable/spare/b.pid").c_str(), 0644), 0);
  const Leases leases = take(*store, {"b"});
  EXPECT_EQ(mode_of(pid_file("b")), 0660U);
}

// Between a name and a chmod another user would find a file that he cannot open.
TEST_F(GroupFolderTest, NothingHasItsNameBeforeItIsOpenToTheGroup) {
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(watch, 0);
  for (const char* name :
       {"", "/.lockable", "/.lockable/queue", "/.lockable/bells", "/.lockable/ids", "/.lockable/spare"})
    ASSERT_GE(::inotify_add_watch(watch, (locks() + name).c_str(),
                                  IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR),
              0);
  fs::remove(locks() + "/.lockable/tokens");
  const auto store = another();
  const Leases leases = take(*store, {"b", hashed_});
  const auto place = store->enqueue(ticket({"b"}));
  std::vector<std::string> named, changed;
  alignas(inotify_event) char buffer[8192];
  const ssize_t length = ::read(watch, buffer, sizeof buffer);
  ::close(watch);
  for (ssize_t at = 0; at < length;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
    at += static_cast<ssize_t>(sizeof *event + event->len);
    if (event->len == 0) continue;  // the folder itself
    ((event->mask & IN_ATTRIB) != 0 ? changed : named).emplace_back(event->name);
  }
  for (const std::string& name : {std::string("b.pid"), std::string("tokens"), place->ticket().id})
    EXPECT_EQ(std::count(named.begin(), named.end(), name), 1) << name;
  for (const std::string& name : changed)
    EXPECT_TRUE(name.front() == '#' || name.rfind(".new-", 0) == 0 || name == "0")
        << name << " was changed after it had its name, and is not the bell, without which others do";
}

TEST_F(GroupFolderTest, ABellWhoseMakerWasKilledBecomesTheGroups) {
  fs::remove_all(locks() + "/.lockable");
  const auto store = another();
  const std::string bell = bells_folder() + "/0";
  ASSERT_EQ(::mkfifo(bell.c_str(), 0600), 0);
  const auto place = store->enqueue(ticket({"b"}));
  EXPECT_EQ(mode_of(bell), 0660U);
}

TEST_F(GroupFolderTest, ALockIsTakenReleasedAndTakenOver) {
  for (int i = 0; i < 3; ++i) {
    const Leases leases = take({"b", hashed_});
    ASSERT_EQ(leases.size(), 2U);
    EXPECT_TRUE(take(*another(), {"b"}).empty());
  }
  EXPECT_FALSE(fs::exists(pid_file("b")));
  folder_.write("locks/b.pid", "4194304\n");
  EXPECT_TRUE(take({"b"}).front()->previous_owner_died());
}

TEST_F(GroupFolderTest, AFolderThatIsGoneIsAnError) {
  fs::remove_all(locks());
  EXPECT_THROW(take({"b"}), LockFolderError);
}

TEST_F(GroupFolderTest, WhichFoldersAreShared) {
  const std::string path = folder_ / "some";
  fs::create_directory(path);
  const std::map<unsigned, bool> cases{{02770, true},  {02775, true},  {0770, false},  {0777, false},
                                       {01777, false}, {03770, false}, {02777, false}, {02750, false},
                                       {02755, false}, {0700, false}};
  for (const auto& [mode, shared] : cases) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto folder = platform::Folder::open(path);
    EXPECT_EQ(folder.shared(), shared) << std::oct << mode;
    folder.open_file("file", platform::Access::kCreate, platform::OnExec::kClose);
    EXPECT_EQ(mode_of(path + "/file"), shared ? 0660U : 0600U) << std::oct << mode;
    fs::remove(path + "/file");
  }
}

TEST_F(GroupFolderTest, SharingIsDoneOnce) {
  fs::create_directory(folder_ / "some");
  folder_.write("some/file", "");
  auto folder = platform::Folder::open(folder_ / "some");
  const auto group = ::getegid();
  EXPECT_TRUE(folder.share("file", group));
  EXPECT_FALSE(folder.share("file", group));
  EXPECT_TRUE(folder.share(group));
  EXPECT_FALSE(folder.share(group));
  EXPECT_TRUE(folder.shared());
  EXPECT_EQ(mode_of(folder_ / "some"), 02770U);
  EXPECT_EQ(mode_of(folder_ / "some/file"), 0660U);
}

// A cleaner of /tmp may remove `.lockable` while we live; ids that cannot be names have their files in it.
TEST(StickyFolder, ItsOwnFolderIsNotTrustedLaterEither) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a stranger's folder";
  const testing::TempFolder folder;
  const std::string locks = folder / "locks", own = locks + "/.lockable", theirs = folder / "theirs";
  fs::create_directory(locks);
  ASSERT_EQ(::chmod(locks.c_str(), 01777), 0);
  const auto store = open(locks, false);
  const auto take = [&] {
    return store->commit({}, {{std::string(300, 'x'), "alloc"}}, {{"pid", ::getpid()}});
  };
  EXPECT_EQ(take().size(), 1U);
  fs::create_directories(theirs + "/ids");
  for (const std::string& name : {theirs, theirs + "/ids"}) ASSERT_EQ(::chown(name.c_str(), 61003, 61003), 0);
  fs::remove_all(own);
  fs::create_directory_symlink(theirs, own);
  EXPECT_TRUE(take().empty());
  fs::remove(own);
  fs::rename(theirs, own);
  EXPECT_THROW(take(), LockFolderError);
  EXPECT_TRUE(fs::is_empty(own + "/ids"));
  fs::remove_all(own);
  EXPECT_EQ(take().size(), 1U) << "made anew";
}

TEST(Accounts, GroupsByNameAndNumber) {
  const std::string own = platform::group_name(::getegid());
  EXPECT_EQ(platform::find_group(own), ::getegid());
  EXPECT_EQ(platform::find_group("4294967294"), 4294967294U);
  for (const char* none : {"4294967295", "4294967296", "-1", "no such group", "", "12x", " 12"})
    EXPECT_EQ(platform::find_group(none), std::nullopt) << none;
  EXPECT_EQ(platform::group_name(4294967294U), "4294967294");
  EXPECT_EQ(platform::user_name(4294967293U), "4294967293");
  EXPECT_TRUE(platform::in_group(::getegid()));
  EXPECT_FALSE(platform::in_group(4294967293U));
}

}  // namespace
}  // namespace lockable::file_store
