// Who has the lock on a file; what a reboot leaves.
#include "platform/lock_keepers.h"

#include <gtest/gtest.h>

#include "platform/byte_locks.h"
#include "platform/folder.h"
#include "platform/identity.h"
#include "platform/reboot.h"
#include "support/process.h"
#include "support/temp_folder.h"

namespace lockable::platform {
namespace {

class LockKeepers : public ::testing::Test {
 protected:
  Fd open(OnExec on_exec = OnExec::kClose) const {
    return Folder::open(temp_.path()).open_file("b1.pid", Access::kCreate, on_exec);
  }
  lockable::testing::TempFolder temp_;
  const std::string path_ = temp_ / "b1.pid";
  const std::vector<int> us_ = {own_pid()};
};

TEST_F(LockKeepers, AreThoseWithTheLockNotThoseWithTheFileOpen) {
  EXPECT_TRUE(lock_keepers(path_).empty());
  const Fd opened = open();
  EXPECT_TRUE(lock_keepers(path_).empty());
  {
    const Fd looking = open();
    ASSERT_TRUE(try_lock_shared(looking.get(), path_));
    EXPECT_TRUE(lock_keepers(path_).empty());
    ASSERT_TRUE(try_lock_byte(looking.get(), 7, path_));
    EXPECT_EQ(lock_keepers(path_), us_);
  }
  const Fd locked = open();
  ASSERT_TRUE(try_lock_exclusive(locked.get(), path_));
  EXPECT_EQ(lock_keepers(path_), us_);
}

TEST_F(LockKeepers, AreAlsoThoseThatInheritedIt) {
  Fd locked = open(OnExec::kKeep);
  ASSERT_TRUE(try_lock_exclusive(locked.get(), path_));
  lockable::testing::Process child({{"sh", "-c", "echo started; exec sleep 600"}, {}, "", ""});
  child.await_output("started");
  locked.reset();
  EXPECT_EQ(lock_keepers(path_), std::vector<int>{child.pid()});
}

TEST_F(LockKeepers, OfWhatALinkLeadsToAreNone) {
  const Fd locked = open();
  ASSERT_TRUE(try_lock_exclusive(locked.get(), path_));
  const lockable::testing::TempFolder other;
  ASSERT_EQ(lockable::testing::run({{"ln", "-s", path_, other / "b1.pid"}, {}, "", ""}).exit_code, 0);
  EXPECT_TRUE(lock_keepers(other / "b1.pid").empty());
}

TEST(Reboot, EmptiesWhatIsInMemoryOrTemporary) {
  EXPECT_NE(emptied_by_reboot("/tmp"), "");
  EXPECT_NE(emptied_by_reboot("/dev/shm"), "");
  EXPECT_EQ(emptied_by_reboot("/"), "");
  EXPECT_EQ(emptied_by_reboot("/var/tmp"), "");
  EXPECT_THROW(emptied_by_reboot("/nowhere"), SystemError);
}

}  // namespace
}  // namespace lockable::platform
