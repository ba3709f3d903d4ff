/// \file
/// What kind of file system something is on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace lockable::platform {

/// The name of a file system that several machines may use at once, "NFS" for instance; empty for any other.
/// `type` is statfs(2)'s f_type; `kind` tells those of FUSE apart, which share one: "fuse.sshfs"
/// (mounted_as()).
std::string network_file_system(std::uint64_t type, std::string_view kind);

/// Whether network_file_system() needs `kind` for this type.
bool has_kinds(std::uint64_t type);

/// How /proc/self/mountinfo (proc(5)), given as text, calls the kind of the file system that the device is;
/// empty when it is not there.
std::string mounted_as(std::string_view mountinfo, dev_t device);

}  // namespace lockable::platform
