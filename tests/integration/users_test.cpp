// Several users at one lock folder, as real ones: numbers that no account here has (needs root).
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "support/bench.h"

namespace lockable::testing {
namespace {

namespace fs = std::filesystem;

/// A setting of the kernel for the time of a test; other tests that set it wait.
class KernelSetting {
 public:
  explicit KernelSetting(const char* path) : fd_(::open(path, O_RDWR | O_CLOEXEC)), before_(read_text(path)) {
    if (fd_ >= 0 && ::flock(fd_, LOCK_EX) == 0) before_ = read_text(path);
  }
  ~KernelSetting() {
    set(before_);
    ::close(fd_);
  }
  KernelSetting(const KernelSetting&) = delete;
  KernelSetting& operator=(const KernelSetting&) = delete;
  /// False when it cannot be set here.
  bool set(const std::string& value) const {
    return ::pwrite(fd_, value.data(), value.size(), 0) == static_cast<ssize_t>(value.size());
  }

 private:
  int fd_;
  std::string before_;
};

struct User {
  const char* id;
  const char* groups;
};
constexpr const char* kGroup = "61000";
constexpr User kAnn{"61001", kGroup};
constexpr User kBen{"61002", kGroup};
constexpr User kStranger{"61003", "61003"};
constexpr User kRoot{"0", "0"};

class UsersTest : public Bench {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can act as several users";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
    ASSERT_EQ(::chmod((folder_ / "resources.json").c_str(), 0644), 0);
    for (const char* program : {LOCKABLE_COMMAND, RADIO_TEST})
      if (run(as(kAnn, shell(std::string("test -x ") + program))).exit_code != 0)
        GTEST_SKIP() << "another user cannot run " << program
                     << ": a folder above it is closed, or setpriv missing";
  }

  /// The command as that user.
  Command as(const User& user, Command command) const {
    const std::string id = user.id;
    const std::vector<std::string> before{"setpriv",
                                          "--reuid=" + id,
                                          "--regid=" + id,
                                          std::string("--groups=") + user.groups,
                                          "--",
                                          "sh",
                                          "-c",
                                          "umask 077; exec \"$@\"",
                                          "sh"};
    command.argv.insert(command.argv.begin(), before.begin(), before.end());
    return command;
  }
  Command shell(const std::string& script) const {
    Command command = lockable({});
    command.argv = {"sh", "-c", script};
    command.env["lockable"] = LOCKABLE_COMMAND;
    return command;
  }
  Ended run_as(const User& user, std::vector<std::string> arguments) const {
    return run(as(user, lockable(std::move(arguments))));
  }
  /// Holds b1 until it is killed; its one process is the holder.
  Command holder(const User& user) const {
    Command command = lockable({});
    command.argv = {RADIO_TEST, "--gtest_filter=Waits.*"};
    return as(user, command);
  }

  Ended init_folder(const std::string& group = kGroup) const {
    Command command = lockable({});
    command.argv = {LOCKABLECTL, "init-folder", lock_folder(), "--group", group};
    return run(command);
  }
  /// A folder as /tmp is, of that user.
  void make_sticky_folder(const User& owner = kRoot) const {
    fs::create_directories(lock_folder());
    ASSERT_EQ(::chmod(lock_folder().c_str(), 01777), 0);
    give(lock_folder(), owner);
  }
  static void give(const std::string& path, const User& owner) {
    const auto id = static_cast<uid_t>(std::stoul(owner.id));
    ASSERT_EQ(::lchown(path.c_str(), id, id), 0) << path;
  }
  /// The folder is refused, and the message has these words and the remedy.
  void refused(const User& user, const std::vector<std::string>& words) const {
    const Ended ended = run_as(user, {"--timeout", "0", "--", "true"});
    EXPECT_EQ(ended.exit_code, 73) << user.id << ": " << ended.err;
    for (const std::string& word : words)
      EXPECT_TRUE(contains(ended.err, word)) << word << " in " << ended.err;
    EXPECT_TRUE(contains(ended.err, "`lockablectl init-folder DIR --group GROUP`")) << ended.err;
    EXPECT_TRUE(contains(ended.err, "LOCKABLE_LOCK_FOLDER")) << ended.err;
  }
  /// Runs it with fs.protected_regular (proc(5)) off and on, where that can be set.
  template <typename Action>
  static void with_protection_off_and_on(Action action) {
    const KernelSetting setting("/proc/sys/fs/protected_regular");
    for (const char* value : {"0", "2"}) {
      const ::testing::ScopedTrace trace(__FILE__, __LINE__, std::string("fs.protected_regular ") + value);
      if (!setting.set(value)) return action();
      action();
    }
  }

  std::string umask_ = "077";  // the users keep what they make to themselves
};

TEST_F(UsersTest, InAGroupFolderTheyTakeTurns) {
  ASSERT_EQ(init_folder().exit_code, 0);
  with_protection_off_and_on([this] {
    for (const auto& [first, second] :
         {std::pair(kAnn, kBen), std::pair(kBen, kRoot), std::pair(kRoot, kAnn)}) {
      Process holding(as(first, lockable({"--", "sh", "-c", "echo ready; exec sleep 600"})));
      holding.await_output("ready");
      EXPECT_EQ(run_as(second, {"--timeout", "0", "--", "true"}).exit_code, 75);
      Process waiting(as(second, lockable({"--", "echo", "got it"})));
      waiting.await_output("b1 held by");
      holding.kill(SIGTERM);
      const Ended ended = waiting.wait();
      EXPECT_EQ(ended.out, "got it\n") << ended.err;
      EXPECT_EQ(ended.exit_code, 0) << ended.err;
      EXPECT_FALSE(fs::exists(pid_file("b1")));
    }
  });
}

TEST_F(UsersTest, InAGroupFolderAKilledHolderFreesForTheOthers) {
  ASSERT_EQ(init_folder().exit_code, 0);
  for (const auto& [first, second] :
       {std::pair(kAnn, kBen), std::pair(kBen, kRoot), std::pair(kRoot, kAnn)}) {
    Process holding(holder(first));
    await("it holds", [this] { return !read_text(pid_file("b1")).empty(); });
    Process waiting(as(second, lockable({"--", "echo", "got it"})));
    waiting.await_output("b1 held by");
    holding.kill(SIGKILL);
    EXPECT_EQ(holding.wait().exit_code, 128 + SIGKILL);
    const Ended ended = waiting.wait();
    EXPECT_EQ(ended.out, "got it\n") << ended.err;
    EXPECT_FALSE(fs::exists(pid_file("b1")));
  }
}

// A py-lockable of the holder's user changes the mode of the file that it finds: only its owner may.
TEST_F(UsersTest, InAGroupFolderTheFileBelongsToTheHolder) {
  ASSERT_EQ(init_folder().exit_code, 0);
  for (const User& user : {kAnn, kBen, kBen, kAnn}) {
    const Ended ended = run_as(user, {"--", "stat", "-c", "%u", pid_file("b1")});
    EXPECT_EQ(ended.out, std::string(user.id) + "\n") << ended.err;
  }
}

// Whoever found a file of another that he cannot open would end with 73.
TEST_F(UsersTest, InAGroupFolderACrowdNeverOverlapsAndNeverMeetsAClosedFile) {
  ASSERT_EQ(init_folder().exit_code, 0);
  const std::string loop = R"(
    for i in 1 2 3 4 5 6 7 8 9 10; do
      $lockable -- sh -c 'mkdir -m 777 witness && rmdir witness' || exit
    done)";
  std::vector<std::unique_ptr<Process>> crowd;
  for (const User& user : {kAnn, kBen, kRoot, kAnn, kBen})
    crowd.push_back(std::make_unique<Process>(as(user, shell(loop))));
  for (const auto& process : crowd) {
    const Ended ended = process->wait(std::chrono::seconds(110));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  }
  EXPECT_FALSE(fs::exists(pid_file("b1")));
  EXPECT_TRUE(fs::is_empty(lock_folder() + "/.lockable/queue"));
}

TEST_F(UsersTest, AGroupFolderWhereFilesCannotBeMadeWithoutAName) {
  ASSERT_EQ(init_folder().exit_code, 0);
  const std::string long_id(300, 'x');
  write_inventory(R"([{"id":"b1","online":true,"hostname":")" + this_host() + R"("},{"online":true,"id":")" +
                  long_id + R"(","hostname":")" + this_host() + "\"}]");
  fs::remove_all(lock_folder() + "/.lockable");  // it is made anew, by the first to come
  const std::string look = R"(cd locks
    find -mindepth 1 -printf '%04m %y\n' | sort
    cat .lockable/ids/*.pid b1.pid | grep -c resource_id)";
  Command command =
      lockable({"--requirements", "id=b1", "--requirements", "id=" + long_id, "--", "sh", "-c", look});
  command.argv.insert(command.argv.begin(), WITHOUT_TMPFILE);
  Ended ended = run(as(kAnn, command));
  EXPECT_EQ(ended.out, "0660 f\n0660 f\n0660 f\n0660 f\n2770 d\n2770 d\n2770 d\n2770 d\n2770 d\n2\n")
      << ended.err;
  ended = run_as(kBen, {"--requirements", "id=" + long_id, "--", "true"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(UsersTest, AGroupFolderIsClosedToStrangersAndSaysWhose) {
  ASSERT_EQ(init_folder().exit_code, 0);
  refused(kStranger, {lock_folder(), "which belongs to root (group 61000, of which 61003 is no member now)"});
}

TEST_F(UsersTest, InitFolderRepairsWhatAnotherMaskMade) {
  fs::create_directories(lock_folder());
  give(lock_folder(), kAnn);
  ASSERT_EQ(run_as(kAnn, {"true"}).exit_code, 0);
  folder_.write("locks/b1.pid", "4194304\n");  // of a dead process
  ASSERT_EQ(::chmod(pid_file("b1").c_str(), 0644), 0);
  ASSERT_EQ(::chmod(lock_folder().c_str(), 0755), 0);
  refused(kBen, {lock_folder() + "/.lockable", "which belongs to 61001 (group 61001)"});
  const Ended repaired = init_folder();
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_TRUE(contains(repaired.out, ".lockable/tokens")) << repaired.out;
  for (const User& user : {kBen, kAnn}) {
    const Ended ended = run_as(user, {"true"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  }
  EXPECT_FALSE(contains(init_folder().out, "corrected"));
}

TEST_F(UsersTest, InAStickyFolderTheSecondUserIsToldWhatToDo) {
  for (const char* mask : {"077", "022", "000"}) {
    umask_ = mask;
    fs::remove_all(lock_folder());
    make_sticky_folder();
    with_protection_off_and_on([this] {
      Process holding(holder(kAnn));
      await("it holds", [this] { return !read_text(pid_file("b1")).empty(); });
      for (const User& user : {kBen, kRoot})
        refused(user, {lock_folder() + "/.lockable, which belongs to 61001 (group 61001"});
      holding.kill(SIGKILL);
      holding.wait();
      EXPECT_EQ(run_as(kAnn, {"true"}).exit_code, 0);
    });
  }
}

TEST_F(UsersTest, InAStickyFolderThatRootUsedFirstNobodyElseLocksBesideHim) {
  for (const char* mask : {"077", "022", "000"}) {
    umask_ = mask;
    fs::remove_all(lock_folder());
    make_sticky_folder();
    ASSERT_EQ(run_as(kRoot, {"true"}).exit_code, 0);
    with_protection_off_and_on([this] {
      refused(kAnn, {lock_folder() + "/.lockable", "which belongs to root (group root"});
    });
  }
}

// What py-lockable of another user left there, dead.
TEST_F(UsersTest, InAStickyFolderAnothersPidFileIsNamedAndStopsNeitherRootNorTheFoldersOwner) {
  make_sticky_folder(kBen);
  with_protection_off_and_on([this] {
    folder_.write("locks/b1.pid", "4194304\n");
    give(pid_file("b1"), kAnn);
    ASSERT_EQ(::chmod(pid_file("b1").c_str(), 0644), 0);
    refused(kBen, {pid_file("b1") + ", which belongs to 61001"});
    ASSERT_EQ(::chmod(pid_file("b1").c_str(), 0666), 0);
    const Ended owner = run_as(kBen, {"true"});
    EXPECT_EQ(owner.exit_code, 0) << owner.err;
    folder_.write("locks/b1.pid", "4194304\n");
    give(pid_file("b1"), kAnn);
    ASSERT_EQ(::chmod(pid_file("b1").c_str(), 0600), 0);
    const Ended root = run_as(kRoot, {"true"});
    EXPECT_EQ(root.exit_code, 0) << root.err;
    EXPECT_FALSE(fs::exists(pid_file("b1")));
  });
}

TEST_F(UsersTest, AStrangersOwnFolderIsNotTrusted) {
  make_sticky_folder();
  fs::create_directory(lock_folder() + "/.lockable");
  give(lock_folder() + "/.lockable", kStranger);
  ASSERT_EQ(::chmod((lock_folder() + "/.lockable").c_str(), 0777), 0);
  for (const User& user : {kAnn, kRoot})
    refused(user, {lock_folder() + "/.lockable, which belongs to 61003"});
  give(lock_folder() + "/.lockable", kRoot);
  for (const char* name : {"/.lockable/queue", "/.lockable/ids"}) {
    fs::create_directory(lock_folder() + name);
    give(lock_folder() + name, kStranger);
    refused(kRoot, {lock_folder() + name + ", which belongs to 61003"});
    give(lock_folder() + name, kRoot);
  }
  EXPECT_EQ(run_as(kRoot, {"true"}).exit_code, 0);
}

TEST_F(UsersTest, NothingIsWrittenThroughAPlantedLink) {
  ASSERT_EQ(init_folder().exit_code, 0);
  const std::string precious = folder_.write("precious", "4194304\nprecious");
  give(precious, kAnn);
  for (const bool symbolic : {false, true}) {
    if (symbolic)
      fs::create_symlink(precious, pid_file("b1"));
    else
      fs::create_hard_link(precious, pid_file("b1"));
    for (const User& user : {kAnn, kRoot}) {
      const Ended ended = run_as(user, {"--timeout", "0", "--", "true"});
      EXPECT_EQ(ended.exit_code, 75) << ended.err;
      EXPECT_TRUE(contains(ended.err, pid_file("b1") + " is ") && contains(ended.err, ": remove it"))
          << ended.err;
    }
    EXPECT_EQ(read_text(precious), "4194304\nprecious");
    fs::remove(pid_file("b1"));
  }
  EXPECT_EQ(run_as(kAnn, {"true"}).exit_code, 0);
}

TEST_F(UsersTest, InitFolderGivesNothingAwayThroughAPlantedLink) {
  ASSERT_EQ(init_folder().exit_code, 0);
  const std::string precious = folder_.write("precious", "precious");
  ASSERT_EQ(::chmod(precious.c_str(), 0600), 0);
  for (const char* name : {"/b1.pid", "/.lockable/tokens", "/.lockable/queue/x"})
    for (const bool symbolic : {false, true}) {
      const std::string planted = lock_folder() + name;
      fs::remove(planted);
      if (symbolic)
        fs::create_symlink(precious, planted);
      else
        fs::create_hard_link(precious, planted);
      const Ended ended = init_folder();
      EXPECT_EQ(ended.exit_code, 73);
      EXPECT_TRUE(contains(ended.err, planted) && contains(ended.err, "something else is in its place"))
          << ended.err;
      fs::remove(planted);
      struct stat raw {};
      ASSERT_EQ(::stat(precious.c_str(), &raw), 0);
      EXPECT_EQ(raw.st_mode & 07777U, 0600U);
      EXPECT_EQ(raw.st_gid, 0U);
    }
  EXPECT_EQ(init_folder().exit_code, 0);
}

}  // namespace
}  // namespace lockable::testing
