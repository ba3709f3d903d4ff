/// \file
/// What wakes those who wait: FIFOs in `.lockable/bells`, each named by its number. They stay, and serve one
/// ticket after the other: to make a file and remove it again is dear where many do so (ext4 passes over the
/// inodes that were removed of late, one by one: `recently_deleted()` in Linux' fs/ext4/ialloc.c).
#pragma once

#include <cstdint>
#include <set>

#include "platform/fd.h"
#include "platform/folder.h"

namespace lockable::file_store {

using BellNumber = std::uint32_t;

struct Bell {
  BellNumber number = 0;
  platform::PrivateFd fd;  ///< readable when it was rung; as long as it is open nobody else gets that bell
};

/// The first that nobody has, silent; `taken` are those that somebody seems to have. Never waits. Throws
/// SystemError, also when others have made something else of all of them.
Bell take_bell(const platform::Folder& bells, const std::set<BellNumber>& taken);

/// Whether its number still leads to it: else nobody can ring it.
bool is_in_place(const platform::Folder& bells, const Bell& bell);

/// Who has got it meanwhile looks in vain.
void ring(const platform::Folder& bells, BellNumber number) noexcept;

}  // namespace lockable::file_store
