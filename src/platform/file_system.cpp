#include "platform/file_system.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/folder.h"

namespace lockable::platform {
namespace {

constexpr std::uint64_t kFuse = 0x65735546;

struct Known {
  std::uint64_t type;
  const char* name;
};

// statfs(2), linux/magic.h and the kernel's fs/. What lives on one machine only is not here: 9p and virtiofs
// may be either, and are mostly a virtual machine's.
constexpr std::array<Known, 14> kNetwork{{
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFF534D42, "SMB"},
    {0xFE534D42, "SMB"},
    {0x5346414F, "AFS"},
    {0x6B414653, "AFS"},
    {0x73757245, "Coda"},
    {0x564C, "NCP"},
    {0x00C36400, "Ceph"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x01161970, "GFS2"},
    {0x7461636F, "OCFS2"},
    {0x19830326, "BeeGFS"},
}};

// FUSE is mostly local (encryption, overlays of containers without root), where the kernel itself keeps the
// locks.
constexpr std::array<const char*, 9> kFuseNetwork{"fuse.sshfs",   "fuse.glusterfs", "fuse.ceph-fuse",
                                                  "fuse.rclone",  "fuse.s3fs",      "fuse.gcsfuse",
                                                  "fuse.moosefs", "fuse.curlftpfs", "fuse.juicefs"};

// The next word, taken from the line.
std::string_view take_word(std::string_view& line) {
  const auto space = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(std::min(space + 1, line.size()));
  return word;
}

// Files of /proc end where a read gives nothing, not at the first short one.
std::string read_mountinfo() {
  const Fd fd(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  std::string text;
  char part[4096];
  for (;;) {
    const ssize_t length = fd ? ::read(fd.get(), part, sizeof part) : 0;
    if (length <= 0) return text;
    text.append(part, static_cast<std::size_t>(length));
  }
}

}  // namespace

bool has_kinds(std::uint64_t type) { return type == kFuse; }

std::string network_file_system(std::uint64_t type, std::string_view kind) {
  if (has_kinds(type))
    return std::find(kFuseNetwork.begin(), kFuseNetwork.end(), kind) == kFuseNetwork.end()
               ? ""
               : std::string(kind.substr(kind.find('.') + 1));
  const auto known =
      std::find_if(kNetwork.begin(), kNetwork.end(), [type](const Known& one) { return one.type == type; });
  return known == kNetwork.end() ? "" : known->name;
}

// "36 35 98:0 /root /mounted/at options optional… - kind source options"
std::string mounted_as(std::string_view mountinfo, dev_t device) {
  const std::string wanted = std::to_string(major(device)) + ":" + std::to_string(minor(device));
  while (!mountinfo.empty()) {
    const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    take_word(line);
    take_word(line);
    if (take_word(line) != wanted) continue;
    const auto dash = line.find(" - ");
    if (dash == line.npos) continue;
    line.remove_prefix(dash + 3);
    return std::string(take_word(line));
  }
  return "";
}

std::string Folder::network_file_system() const {
  struct statfs raw {};
  if (::fstatfs(fd_.get(), &raw) != 0) return "";  // not known to be one
  const std::uint64_t type = static_cast<std::uint32_t>(raw.f_type);
  std::string kind;
  if (has_kinds(type)) kind = mounted_as(read_mountinfo(), status().device);
  return platform::network_file_system(type, kind);
}

}  // namespace lockable::platform
