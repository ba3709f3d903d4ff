#include "stores/file/spare_files.h"

#include "platform/accounts.h"

namespace lockable::file_store {
namespace {

// Of the folder itself: some hundreds to some thousands of names, as the file system counts. Where every
// resource has a name that never comes back, spare files are not to fill the disk.
constexpr std::uint64_t kLargestFolder = 65'536;
constexpr std::uint64_t kMostFilledUp = 4096;

}  // namespace

SpareFiles::SpareFiles(const platform::Folder& own) : folder_(own.make_inside("spare")) {}

std::optional<SpareFiles::Spare> SpareFiles::try_take(const std::string& name,
                                                      platform::OnExec on_exec) const noexcept try {
  Spare spare;
  spare.fd = folder_.open_if_there(name, platform::Access::kReadWrite, on_exec);
  if (!spare.fd || !platform::try_lock_exclusive(spare.fd.get(), name)) return std::nullopt;
  spare.status = platform::status_of(spare.fd.get(), name);
  if (!spare.status.plain() || spare.status.user != platform::own_user()) return std::nullopt;
  return spare;
} catch (const platform::SystemError&) {
  return std::nullopt;  // something else is in its place: whoever needs a file makes one
}

bool SpareFiles::put(const std::string& name, const Spare& spare, const platform::Folder& into,
                     const std::string& as) const noexcept try {
  if (!folder_.try_move(name, into, as, platform::Existing::kKeep)) return false;
  const auto there = into.status(as);
  return there && there->same_file(spare.status);
} catch (const platform::SystemError&) {
  return false;
}

void SpareFiles::keep(const platform::Folder& from, const std::string& name,
                      const std::string& as) const noexcept try {
  const bool full = folder_.status().size > kLargestFolder;
  if (full || !from.try_move(name, folder_, as, platform::Existing::kReplace)) from.remove(name);
} catch (const platform::SystemError&) {
  from.remove(name);
}

std::string filled_up(std::string text, std::uint64_t size) {
  if (size > text.size() && size - text.size() <= kMostFilledUp) text.append(size - text.size(), '\n');
  return text;
}

}  // namespace lockable::file_store
