// Which file systems other machines may use as well.
#include "platform/file_system.h"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>

#include "platform/folder.h"
#include "support/temp_folder.h"

namespace lockable::platform {
namespace {

constexpr std::uint64_t kFuse = 0x65735546;

TEST(FileSystem, NetworkOnes) {
  EXPECT_EQ(network_file_system(NFS_SUPER_MAGIC, ""), "NFS");
  EXPECT_EQ(network_file_system(SMB_SUPER_MAGIC, ""), "SMB");
  EXPECT_EQ(network_file_system(0xFF534D42, ""), "SMB");  // CIFS
  EXPECT_EQ(network_file_system(0xFE534D42, ""), "SMB");  // SMB 2 and 3
  EXPECT_EQ(network_file_system(AFS_FS_MAGIC, ""), "AFS");
  EXPECT_EQ(network_file_system(0x00C36400, ""), "Ceph");
}

TEST(FileSystem, LocalOnes) {
  constexpr std::uint64_t kTypes[] = {EXT4_SUPER_MAGIC,
                                      TMPFS_MAGIC,
                                      OVERLAYFS_SUPER_MAGIC,
                                      0x58465342 /* XFS */,
                                      0x2FC12FC1 /* ZFS */,
                                      V9FS_MAGIC,
                                      0};
  for (const std::uint64_t type : kTypes) EXPECT_EQ(network_file_system(type, "nfs"), "") << type;
  EXPECT_EQ(network_file_system(BTRFS_SUPER_MAGIC, ""), "");
}

TEST(FileSystem, FuseIsWhatItIsMountedAs) {
  EXPECT_TRUE(has_kinds(kFuse));
  EXPECT_FALSE(has_kinds(NFS_SUPER_MAGIC));
  EXPECT_EQ(network_file_system(kFuse, "fuse.sshfs"), "sshfs");
  for (const char* local : {"", "fuse", "fuseblk", "fuse.fuse-overlayfs", "fuse.gocryptfs", "sshfs"})
    EXPECT_EQ(network_file_system(kFuse, local), "") << local;
}

TEST(FileSystem, FindsTheMount) {
  constexpr const char* kMounts =
      "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
      "30 22 0:45 / /mnt/a\\040-\\040b rw,nosuid shared:2 master:1 - fuse.sshfs me@there:/x rw,user_id=0\n"
      "31 22 0:4 / /proc rw - proc proc rw\n"
      "broken 0:46\n"
      "32 22 0:47 / /last rw - tmpfs tmpfs";
  EXPECT_EQ(mounted_as(kMounts, makedev(0, 45)), "fuse.sshfs");
  EXPECT_EQ(mounted_as(kMounts, makedev(254, 0)), "ext4");
  EXPECT_EQ(mounted_as(kMounts, makedev(0, 47)), "tmpfs");
  for (const dev_t missing : {makedev(0, 5), makedev(0, 46), makedev(254, 1)})
    EXPECT_EQ(mounted_as(kMounts, missing), "");
  EXPECT_EQ(mounted_as("", makedev(0, 1)), "");
}

TEST(FileSystem, TheTemporaryFolderIsOfThisMachine) {
  const testing::TempFolder folder;
  EXPECT_EQ(Folder::open(folder.path()).network_file_system(), "");
}

}  // namespace
}  // namespace lockable::platform
