#include "stores/file/file_store.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

#include "platform/identity.h"
#include "platform/lock_keepers.h"
#include "platform/reboot.h"
#include "platform/wakeup.h"
#include "stores/file/failures.h"
#include "stores/file/folder_error.h"
#include "stores/file/lock_folder.h"
#include "stores/file/names.h"
#include "stores/file/resource_lock.h"
#include "stores/file/survey.h"

namespace lockable::file_store {

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
  bool lost() const override { return released_ ? was_lost_ : lock_.lost(); }
  void release() noexcept override { end(&ResourceLock::release); }
  void give_back_unused() noexcept override { end(&ResourceLock::give_back_unused); }
  void leave_reserved(const Json& owner) override {
    if (!in_folder(store_->folder_path(), [&] { return lock_.leave_reserved(owner); }))
      throw StoreError("the lock on " + resource_id_ + " is lost, so nothing can be left in its place");
    released_ = true;
  }
  int failures() const noexcept override { return failures_of(store_->folder(), resource_id_); }
  void note_failures(int count) noexcept override {
    file_store::note_failures(store_->folder(), resource_id_, count);
  }

 private:
  void end(void (ResourceLock::*how)() noexcept) noexcept {
    if (released_) return;
    was_lost_ = lock_.lost();
    released_ = true;
    (lock_.*how)();
  }

  std::shared_ptr<const FileStore> store_;
  ResourceLock lock_;
  std::string resource_id_;
  std::uint64_t token_;
  bool released_ = false;
  bool was_lost_ = false;
};

Json record_of(const Json& owner, const Claim& claim, std::uint64_t token) {
  Json record = owner;
  record["pid"] = platform::own_pid();
  record["resource_id"] = claim.resource_id;
  record["alloc_id"] = claim.alloc_id;
  record["fencing_token"] = token;
  return record;
}

Hold hold_of(const std::string& resource_id, const Json& record) {
  Hold hold;
  hold.resource_id = resource_id;
  hold.owner = record.is_object() ? record : Json::object();
  if (const Json alloc_id = hold.owner.value("alloc_id", Json()); alloc_id.is_string())
    hold.alloc_id = alloc_id.get<std::string>();
  if (const Json slots = hold.owner.value("slots", Json()); slots.is_number_integer()) hold.slots = slots;
  return hold;
}

}  // namespace

FileStore::FileStore(const std::string& folder, bool inheritable)
    : on_exec_(inheritable ? OnExec::kKeep : OnExec::kClose),
      folder_(make_lock_folder(folder)),
      own_(folder_.make_inside(kOwnFolder)),
      uri_("file:" + folder_.path()),
      tokens_(own_),
      spare_files_(own_),
      queue_(folder_, own_, spare_files_) {
  own_.make_inside(kHashedFolder);
}

Snapshot FileStore::snapshot(const Ticket& mine, std::size_t spare) {
  return in_folder(folder_.path(), [&] {
    Ticket ticket = mine;
    if (ticket.rank.count() == 0) ticket.rank = rank_of(BootClock::now().time_since_epoch(), ticket.priority);
    return Survey(folder_, queue_, tokens_).make(ticket, spare);
  });
}

std::vector<Ticket> FileStore::queue() {
  return in_folder(folder_.path(), [&] {
    std::vector<Ticket> tickets;
    const Queue::Entries entries = queue_.entries();
    for (const Queue::Entry& entry : *entries)
      if (auto ticket = queue_.read(entry)) tickets.push_back(std::move(*ticket));
    return tickets;
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
      auto lock = ResourceLock::try_take(folder_, spare_files_, claims[i].resource_id, on_exec_,
                                         {claims[i].slots, claims[i].capacity});
      if (!lock) return std::vector<std::unique_ptr<Lease>>();
      locks[i].emplace(std::move(*lock));
    }
    std::vector<std::uint64_t> tokens;
    try {
      for (std::size_t i = 0; i < claims.size(); ++i) {
        tokens.push_back(tokens_.next(claims[i].resource_id, Clock::system()->wall()));
        locks[i]->write(record_of(owner, claims[i], tokens[i]));
      }
    } catch (...) {  // a full disk
      for (auto& lock : locks) lock->give_back_unused();
      throw;
    }
    std::vector<std::unique_ptr<Lease>> leases;
    for (std::size_t i = 0; i < claims.size(); ++i)
      leases.push_back(std::make_unique<FileLease>(shared_from_this(), std::move(*locks[i]),
                                                   claims[i].resource_id, tokens[i]));
    return leases;
  });
}

bool FileStore::anybody_waits() {
  return in_folder(folder_.path(), [&] { return !queue_.entries()->empty(); });
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

std::vector<Hold> FileStore::holders(const std::string& resource_id) {
  return in_folder(folder_.path(), [&] {
    std::vector<Hold> holds;
    const Look look = look_at(folder_, resource_id);
    for (const Json& record : look.records) holds.push_back(hold_of(resource_id, record));
    if (!look.held) return holds;
    Hold hold = hold_of(resource_id, look.file.record);
    hold.slots = 0;
    // A 1 alone is left of a release.
    const bool known = look.file.pid > 1 || look.file.record.is_object();
    if (known && !is_reservation(look.file)) hold.owner["pid"] = look.file.pid;
    if (!look.usable) hold.owner["note"] = why_unusable(folder_, pid_file_name(resource_id));
    holds.push_back(std::move(hold));
    return holds;
  });
}

std::vector<int> FileStore::keepers(const std::string& resource_id) {
  return platform::lock_keepers(folder_.path_of(pid_file_name(resource_id)));
}

bool FileStore::end_reservation(const std::string& resource_id) {
  return in_folder(folder_.path(),
                   [&] { return file_store::end_reservation(folder_, resource_id, Which::kAny); });
}

void FileStore::keep_from_children(const std::string& resource_id) noexcept try {
  if (const auto status = folder_.status(pid_file_name(resource_id))) platform::keep_from_children(*status);
} catch (const std::exception&) {
  return;  // no such file: nothing was inherited
}

std::vector<Finding> FileStore::examine() try {
  using Kind = Finding::Kind;
  const std::string folder = "lock folder " + folder_.path();
  std::vector<Finding> findings{{Kind::kGood, folder + ": can be used"}};
  if (const std::string why = platform::emptied_by_reboot(folder_.path()); !why.empty())
    findings.push_back({Kind::kDoubt, folder + ": a reboot ends reservations there: " + why});
  if (!platform::FolderWatch::try_open())
    findings.push_back(
        {Kind::kDoubt,
         "no inotify instance is left for this user: whoever waits looks every 50 ms for holders "
         "that died; raise fs.inotify.max_user_instances (sysctl)"});
  return findings;
} catch (const Error& error) {
  return {{Finding::Kind::kProblem, error.what()}};
}

std::shared_ptr<LockStore> open(const std::string& folder, bool inheritable) {
  constexpr int kTries = 10;  // somebody may remove our own folder meanwhile
  return in_folder(folder, [&] {
    for (int tries = 1;; ++tries) try {
        return std::make_shared<FileStore>(folder, inheritable);
      } catch (const platform::SystemError& error) {
        if (!error.no_such_file() || tries == kTries) throw;
      }
  });
}

}  // namespace lockable::file_store
