/// \file
/// The lock store of one machine: a folder. The flocks on the resources' files are the only truth of holding;
/// queue and tokens live in `.lockable/` and may be lost without harm to exclusion.
#pragma once

#include <lockable/lock_store.h>

#include <memory>
#include <string>
#include <vector>

#include "platform/folder.h"
#include "stores/file/place.h"
#include "stores/file/queue.h"
#include "stores/file/tokens.h"

namespace lockable::file_store {

class FileStore : public LockStore, public std::enable_shared_from_this<FileStore> {
 public:
  /// Opens the folder, making it when missing. Throws LockFolderError.
  FileStore(const std::string& folder, bool inheritable);

  const std::string& uri() const override { return uri_; }
  Snapshot snapshot(const Ticket& mine, std::size_t spare) override;
  std::vector<std::unique_ptr<Lease>> commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                             const Json& owner) override;
  bool anybody_waits() override;
  std::unique_ptr<Place> enqueue(Ticket ticket) override;
  void wake(const std::vector<std::string>& ticket_ids) noexcept override;
  std::vector<Ticket> queue() override;
  std::vector<Hold> holders(const std::string& resource_id) override;
  std::vector<int> keepers(const std::string& resource_id) override;
  bool end_reservation(const std::string& resource_id) override;
  std::vector<Finding> examine() override;
  void keep_from_children(const std::string& resource_id) noexcept override;

  const std::string& folder_path() const { return folder_.path(); }
  const platform::Folder& folder() const { return folder_; }

 private:
  platform::OnExec on_exec_;
  platform::Folder folder_;
  platform::Folder own_;
  std::string uri_;
  Tokens tokens_;
  SpareFiles spare_files_;
  Queue queue_;
  SpareWatch spare_watch_;
};

/// Opens the store in a folder. Throws LockFolderError saying what to do.
std::shared_ptr<LockStore> open(const std::string& folder, bool inheritable);

}  // namespace lockable::file_store
