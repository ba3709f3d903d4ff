#include "stores/file/spare_files.h"

#include "platform/accounts.h"

namespace lockable::file_store {
namespace {

// Of the folder itself, by names; on ext4 it does not shrink. Where every resource has a name that never
// comes back, spare files are not to fill the disk.
constexpr std::uint64_t kLargestFolder = 65'536;
constexpr std::uint64_t kLargest = 8192;
constexpr std::uint64_t kMostFilledUp = 4096;

std::optional<platform::Folder> open_or_make(const platform::Folder& own) noexcept try {
  return own.make_inside("spare");
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace

SpareFiles::SpareFiles(const platform::Folder& own) noexcept : folder_(open_or_make(own)) {}

std::optional<SpareFiles::Spare> SpareFiles::try_take(const std::string& name,
                                                      platform::OnExec on_exec) const noexcept try {
  if (!folder_) return std::nullopt;
  Spare spare;
  spare.fd = folder_->open_if_there(name, platform::Access::kReadWrite, on_exec);
  if (!spare.fd || !platform::try_lock_exclusive(spare.fd.get(), name)) return std::nullopt;
  spare.status = platform::status_of(spare.fd.get(), name);
  const bool ours = spare.status.user == platform::own_user() && folder_->is_like_ours(spare.status);
  if (!ours || !spare.status.plain()) return std::nullopt;
  return spare;
} catch (const std::exception&) {
  return std::nullopt;  // something else is in its place: whoever needs a file makes one
}

bool SpareFiles::put(const std::string& name, const Spare& spare, const platform::Folder& into,
                     const std::string& as) const noexcept try {
  if (!folder_ || !folder_->try_move(name, into, as, platform::Existing::kKeep)) return false;
  const auto there = into.status(as);
  return there && there->same_file(spare.status);
} catch (const std::exception&) {
  return false;
}

bool SpareFiles::worth_keeping(int fd) const {
  return folder_ && platform::status_of(fd, folder_->path()).size <= kLargest &&
         folder_->status().size <= kLargestFolder;
}

void SpareFiles::keep(int fd, const platform::Folder& from, const std::string& name,
                      const std::string& as) const noexcept try {
  if (!worth_keeping(fd) || !from.try_move(name, *folder_, as, platform::Existing::kReplace))
    from.remove(name);
} catch (const std::exception&) {
  from.remove(name);
}

std::string filled_up(std::string text, std::uint64_t size) {
  if (size > text.size() && size - text.size() <= kMostFilledUp) text.append(size - text.size(), '\n');
  return text;
}

}  // namespace lockable::file_store
