#include "stores/file/file_store.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "platform/identity.h"
#include "stores/file/folder_error.h"
#include "stores/file/lock_folder.h"
#include "stores/file/names.h"
#include "stores/file/resource_lock.h"

namespace lockable::file_store {

using platform::Folder;
using platform::OnExec;

namespace {

class FileLease : public Lease {
 public:
  FileLease(std::shared_ptr<const FileStore> store, ResourceLock lock, std::string resource_id,
            std::uint64_t token)
      : store_(std::move(store)),
        lock_(std::move(lock)),
        resource_id_(std::move(resource_id)),
        token_(token) {}

  const std::string& resource_id() const override { return resource_id_; }
  std::uint64_t fencing_token() const override { return token_; }
  bool previous_owner_died() const override { return lock_.previous_owner_died(); }
  bool lost() const override { return lock_.lost(); }
  void release() noexcept override { lock_.release(); }

 private:
  std::shared_ptr<const FileStore> store_;
  ResourceLock lock_;
  std::string resource_id_;
  std::uint64_t token_;
};

// The record must stay well below kPidFileLimit.
void cut(Json& value) {
  constexpr std::size_t kLongestText = 2048;
  auto* text = value.get_ptr<std::string*>();
  if (text != nullptr && text->size() > kLongestText) *text = text->substr(0, kLongestText) + "…";
}

std::string pid_file_text(const Json& owner, const Claim& claim, std::uint64_t token) {
  Json record = owner;
  record["resource_id"] = claim.resource_id;
  for (Json& value : record) cut(value);
  record["alloc_id"] = claim.alloc_id;
  record["fencing_token"] = token;
  return fmt::format("{}\n{}\n", platform::own_pid(),
                     record.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// From this many on, reading the folder once is cheaper than asking for each name.
constexpr std::size_t kFewNames = 16;

std::vector<std::string> ids_of(const std::vector<Ticket>& queue, const Ticket& mine) {
  std::vector<std::string> ids;
  const Ticket* before = nullptr;  // of a crowd that wants the same, one is enough
  const auto add = [&](const Ticket& ticket) {
    if (before != nullptr && before->wants == ticket.wants) return;
    before = &ticket;
    for (const Want& want : ticket.wants)
      ids.insert(ids.end(), want.candidates.begin(), want.candidates.end());
  };
  for (const Ticket& ticket : queue) add(ticket);
  add(mine);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace

FileStore::FileStore(const std::string& folder, bool inheritable)
    : on_exec_(inheritable ? OnExec::kKeep : OnExec::kClose),
      folder_(make_lock_folder(folder)),
      uri_("file:" + folder_.path()),
      tokens_(folder_.make_inside(kOwnFolder)),
      queue_(folder_) {
  folder_.make_inside(kOwnFolder).make_inside(kHashedFolder);
}

std::vector<std::string> FileStore::held_among(std::vector<std::string> ids) const {
  if (ids.size() > kFewNames) {
    std::unordered_set<std::string> there;
    for (std::string& name : folder_.names()) there.insert(std::move(name));
    const auto missing = [&there](const std::string& id) {
      const std::string name = pid_file_name(id);
      return !is_hashed(name) && there.count(name) == 0;
    };
    ids.erase(std::remove_if(ids.begin(), ids.end(), missing), ids.end());
  }
  const auto free = [this](const std::string& id) { return !is_held(folder_, id); };
  ids.erase(std::remove_if(ids.begin(), ids.end(), free), ids.end());
  return ids;
}

Snapshot FileStore::snapshot(const Ticket& mine) {
  return in_folder(folder_.path(), [&] {
    Snapshot snapshot;
    snapshot.queue = queue_.tickets();
    snapshot.held = held_among(ids_of(snapshot.queue, mine));
    return snapshot;
  });
}

std::vector<std::unique_ptr<Lease>> FileStore::commit(const Snapshot& /*the flocks decide*/,
                                                      const std::vector<Claim>& claims, const Json& owner) {
  return in_folder(folder_.path(), [&] {
    // In one order everywhere, so that of two who want the same set one gets it all.
    std::vector<std::size_t> order(claims.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return claims[a].resource_id < claims[b].resource_id; });
    std::vector<std::optional<ResourceLock>> locks(claims.size());
    for (const std::size_t i : order) {
      auto lock = ResourceLock::try_take(folder_, claims[i].resource_id, on_exec_);
      if (!lock) return std::vector<std::unique_ptr<Lease>>();
      locks[i].emplace(std::move(*lock));
    }
    std::vector<std::unique_ptr<Lease>> leases;
    for (std::size_t i = 0; i < claims.size(); ++i) {
      const std::uint64_t token = tokens_.next(claims[i].resource_id, Clock::system()->wall());
      locks[i]->write(pid_file_text(owner, claims[i], token));
      leases.push_back(std::make_unique<FileLease>(shared_from_this(), std::move(*locks[i]),
                                                   claims[i].resource_id, token));
    }
    return leases;
  });
}

std::unique_ptr<Place> FileStore::enqueue(Ticket ticket) {
  return in_folder(folder_.path(), [&] {
    return std::make_unique<WaitingPlace>(
        queue_, spare_watch_, std::move(ticket),
        std::vector<std::string>{folder_.path(), folder_.path_of(kOwnFolder) + "/" + kHashedFolder});
  });
}

void FileStore::wake(const std::vector<std::string>& ticket_ids) noexcept {
  for (const std::string& id : ticket_ids) queue_.ring(id);
}

std::optional<Hold> FileStore::holder(const std::string& resource_id) {
  return in_folder(folder_.path(), [&]() -> std::optional<Hold> {
    const Look look = look_at(folder_, resource_id);
    if (!look.held) return std::nullopt;
    Hold hold;
    hold.resource_id = resource_id;
    hold.owner = look.file.record.is_object() ? look.file.record : Json::object();
    if (look.file.pid > 0) hold.owner["pid"] = look.file.pid;
    if (!look.usable) hold.owner["note"] = why_unusable(folder_, pid_file_name(resource_id));
    if (const Json alloc_id = hold.owner.value("alloc_id", Json()); alloc_id.is_string())
      hold.alloc_id = alloc_id.get<std::string>();
    return hold;
  });
}

void FileStore::keep_from_children(const std::string& resource_id) noexcept try {
  if (const auto status = folder_.status(pid_file_name(resource_id))) platform::keep_from_children(*status);
} catch (const std::exception&) {
  return;  // no such file: nothing was inherited
}

std::shared_ptr<LockStore> open(const std::string& folder, bool inheritable) {
  return in_folder(folder, [&] { return std::make_shared<FileStore>(folder, inheritable); });
}

}  // namespace lockable::file_store
