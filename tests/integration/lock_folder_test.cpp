// Lock folders that are missing, in the way, not ours, or full; holders of other namespaces.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/bench.h"

namespace lockable::testing {
namespace {

namespace fs = std::filesystem;

class LockFolderTest : public Bench {
 protected:
  // A shell that runs the script; $lockable is the command.
  Command shell(const std::string& script, std::vector<std::string> before = {}) const {
    Command command = lockable({});
    command.env["lockable"] = LOCKABLE_COMMAND;
    before.insert(before.end(), {"sh", "-c", script});
    command.argv = before;
    return command;
  }
  // Whether this wrapper (unshare …) may be used here.
  bool possible(const std::vector<std::string>& wrapper) const {
    return run(shell("true", wrapper)).exit_code == 0;
  }
};

TEST_F(LockFolderTest, AMissingOneIsMadeWithItsParents) {
  EXPECT_EQ(run_lockable({"--lock-folder", folder_ / "a/b/c", "--", "test", "-f", folder_ / "a/b/c/b1.pid"})
                .exit_code,
            0);
}

TEST_F(LockFolderTest, ARelativeOneIsTheSameForACommandElsewhere) {
  const std::string inner = std::string("mkdir sub; cd sub; ") + LOCKABLE_COMMAND +
                            " --timeout 5 --resources ../resources.json --lock-folder ../locks"
                            " -- sh -c 'echo $ID; ls'";
  const Ended ended = run_lockable({"--lock-folder", "locks", "--", "sh", "-c", inner});
  EXPECT_EQ(ended.out, "b1\n") << ended.err;
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(LockFolderTest, PlantedLinksAndFilesAreNamed) {
  fs::create_directories(lock_folder());
  fs::create_directories(folder_ / "target");
  fs::create_directory_symlink(folder_ / "target", lock_folder() + "/.lockable");
  const Ended link = run_lockable({"true"});
  EXPECT_EQ(link.exit_code, 73);
  EXPECT_TRUE(contains(link.err, lock_folder() + "/.lockable: ") &&
              contains(link.err, "something else is in its place"))
      << link.err;
  EXPECT_TRUE(fs::is_empty(folder_ / "target"));
  fs::remove(lock_folder() + "/.lockable");
  folder_.write("locks/.lockable", "");
  EXPECT_EQ(run_lockable({"true"}).exit_code, 73);
  fs::remove(lock_folder() + "/.lockable");
  EXPECT_EQ(run_lockable({"true"}).exit_code, 0);
}

TEST_F(LockFolderTest, OneThatIsNotWritable) {
  std::vector<std::string> as_somebody;
  if (::geteuid() == 0) as_somebody = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  fs::create_directories(lock_folder());
  ASSERT_EQ(::chmod(lock_folder().c_str(), 0555), 0);
  if (run(shell("test -x $lockable && test -r resources.json", as_somebody)).exit_code != 0)
    GTEST_SKIP() << "another user cannot run the command from here";
  const Ended fresh = run(shell("$lockable true", as_somebody));
  EXPECT_EQ(fresh.exit_code, 73) << fresh.err;
  EXPECT_TRUE(contains(fresh.err, "/locks/.lockable in a folder of ")) << fresh.err;
  EXPECT_TRUE(contains(fresh.err, "Permission denied; a folder for several users is made")) << fresh.err;
  if (::geteuid() != 0) return;
  EXPECT_TRUE(free());  // root may; what it makes is root's
  const Ended used = run(shell("$lockable true", as_somebody));
  EXPECT_EQ(used.exit_code, 73) << used.err;
}

// No test can mount NFS, so fstatfs(2) is made to tell of one.
TEST_F(LockFolderTest, OneOfSeveralMachinesIsRefusedUnlessAskedFor) {
  Command command = shell("$lockable true");
  command.env["LD_PRELOAD"] = PRETEND_NFS;
  const Ended ended = run(command);
  if (contains(ended.err, "ASan runtime")) GTEST_SKIP() << "nothing can be loaded before a sanitizer";
  EXPECT_EQ(ended.exit_code, 73);
  EXPECT_TRUE(
      contains(ended.err, "lock folder " + lock_folder() + " is on NFS, which other machines may use"))
      << ended.err;
  EXPECT_FALSE(fs::exists(lock_folder() + "/.lockable"));
  command.env["LOCKABLE_ALLOW_NETWORK_FOLDER"] = "1";
  EXPECT_EQ(run(command).exit_code, 0);
}

TEST_F(LockFolderTest, AFullDiskLocksNothingAndSaysSo) {
  const std::vector<std::string> own_mounts{"unshare", "--mount", "--map-root-user"};
  const std::string mount = "mount -t tmpfs -o size=64k tmpfs " + lock_folder() + " || exit 99; ";
  fs::create_directories(lock_folder());
  if (run(shell(mount, own_mounts)).exit_code != 0) GTEST_SKIP() << "no tmpfs can be mounted here";
  const Ended ended = run(shell(mount + "cd " + lock_folder() + R"(
      head -c 1M /dev/zero > fill 2> /dev/null
      $lockable -- echo ran; echo fresh $?
      rm fill; $lockable -- true; echo roomy $?
      head -c 1M /dev/zero > fill 2> /dev/null
      $lockable -- true; echo with its old file $?
      rm .lockable/spare/b1.pid; head -c 1M /dev/zero > fill 2> /dev/null
      $lockable -- echo ran; echo full $?
      ls; ls -A .lockable/queue
      rm fill; $lockable --timeout 0 -- true; echo again $?)",
                                own_mounts));
  EXPECT_EQ(ended.out, "fresh 73\nroomy 0\nwith its old file 0\nfull 73\nfill\nagain 0\n") << ended.err;
  EXPECT_TRUE(contains(ended.err, "No space left on device; free some space there")) << ended.err;
}

TEST_F(LockFolderTest, ALimitOnTheSizeOfFilesIsNamed) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer writes a file before main(), and is ended by the limit";
#endif
  const Ended ended =
      run(shell("said=$(ulimit -f 0; $lockable -- echo ran 2>&1); echo code $?; echo \"$said\""));
  EXPECT_EQ(ended.out.substr(0, ended.out.find('\n')), "code 73");
  EXPECT_TRUE(contains(ended.out, "File too large; raise the limit on the size of files")) << ended.out;
  // The command is ended by it as ever.
  const Ended within = run(shell("$lockable -- sh -c 'ulimit -f 1; exec head -c 9000 /dev/zero > " +
                                 (folder_ / "zeros") + "'; echo code $?"));
  EXPECT_EQ(within.out, "code " + std::to_string(128 + SIGXFSZ) + "\n") << within.err;
}

TEST_F(LockFolderTest, WhoCannotQueueOnAFullDiskLeavesNothing) {
  const std::vector<std::string> own_mounts{"unshare", "--mount", "--map-root-user"};
  const std::string mount = "mount -t tmpfs -o size=64k tmpfs " + lock_folder() + " || exit 99; ";
  fs::create_directories(lock_folder());
  if (run(shell(mount, own_mounts)).exit_code != 0) GTEST_SKIP() << "no tmpfs can be mounted here";
  const Ended ended = run(shell(mount + "cd " + lock_folder() + R"(
      $lockable -- sh -c 'head -c 1M /dev/zero > fill 2> /dev/null
        env -u LOCKABLE_ALLOCATIONS $lockable -- echo ran; echo second $?'
      echo first $?; ls; ls -A .lockable/queue)",
                                own_mounts));
  EXPECT_EQ(ended.out, "second 73\nfirst 0\nfill\n") << ended.err;
}

TEST_F(LockFolderTest, AHolderOfAnotherPidNamespaceHoldsAndItsDeathIsSeen) {
  const std::vector<std::string> own_pids{"unshare", "--pid", "--fork", "--kill-child", "--map-root-user"};
  if (!possible(own_pids)) GTEST_SKIP() << "no pid namespace can be made here";
  // It is process 1 there, whose number is alive here, too.
  Process holder(shell("echo ready; exec $lockable --die-with-parent -- sleep 600", own_pids));
  await("it holds", [this] { return fs::exists(pid_file("b1")) && !read_text(pid_file("b1")).empty(); });
  EXPECT_EQ(read_text(pid_file("b1")).substr(0, 2), "1\n");
  EXPECT_FALSE(free());
  Process waiter(lockable({"--", "echo", "got it"}));
  waiter.await_output("b1 held by");
  holder.kill(SIGKILL);
  EXPECT_EQ(waiter.wait().out, "got it\n");
}

}  // namespace
}  // namespace lockable::testing
