#include "stores/both/both_store.h"

#include <algorithm>
#include <map>

#include "platform/wakeup.h"

namespace lockable::both_store {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBetween = "+file:";
// A change is told just before a dying process loses its lock, and without inotify none is.
constexpr int kEchoes = 5;
constexpr BootClock::duration kFirstEcho = 1ms;
constexpr BootClock::duration kWithoutEvents = 100ms;

std::vector<Held> together(const std::vector<Held>& lab, const std::vector<Held>& local) {
  std::map<std::string, int> slots;
  for (const Held& held : lab) slots[held.resource_id] = held.slots;
  for (const Held& held : local) {
    const auto [known, fresh] = slots.try_emplace(held.resource_id, held.slots);
    // Those of ours count on both sides.
    if (!fresh)
      known->second = held.slots == 0 || known->second == 0 ? 0 : std::max(known->second, held.slots);
  }
  std::vector<Held> result;
  result.reserve(slots.size());
  for (const auto& [id, count] : slots) result.push_back({id, count});
  return result;
}

class BothLease : public Lease {
 public:
  BothLease(std::unique_ptr<Lease> lab, std::unique_ptr<Lease> local, std::shared_ptr<LockStore> local_store)
      : lab_(std::move(lab)), local_(std::move(local)), local_store_(std::move(local_store)) {}
  ~BothLease() override { BothLease::release(); }

  const std::string& resource_id() const override { return lab_->resource_id(); }
  std::uint64_t fencing_token() const override { return lab_->fencing_token(); }
  bool previous_owner_died() const override {
    return lab_->previous_owner_died() || local_->previous_owner_died();
  }
  bool lost() const override { return local_->lost() || lab_->lost(); }
  BootClock::time_point held_until() const noexcept override { return lab_->held_until(); }
  // In this order: who gets the lab's lock next finds the file free.
  void release() noexcept override {
    local_->release();
    lab_->release();
  }
  void give_back_unused() noexcept override {
    local_->give_back_unused();
    lab_->give_back_unused();
  }
  void leave_reserved(const Json& owner) override {
    local_->leave_reserved(owner);
    try {
      lab_->leave_reserved(owner);
    } catch (...) {
      local_store_->end_reservation(lab_->resource_id());
      throw;
    }
  }
  int failures() const noexcept override { return lab_->failures(); }
  void note_failures(int count) noexcept override { lab_->note_failures(count); }

 private:
  std::unique_ptr<Lease> lab_;
  std::unique_ptr<Lease> local_;
  std::shared_ptr<LockStore> local_store_;
};

class BothPlace : public Place {
 public:
  BothPlace(std::unique_ptr<Place> lab, const std::string& folder)
      : lab_(std::move(lab)), watch_(platform::FolderWatch::try_open()) {
    if (watch_ && !watch_.add(folder)) watch_ = {};
  }

  const Ticket& ticket() const override { return lab_->ticket(); }
  void update(Wants wants) override { lab_->update(std::move(wants)); }

  bool wait(BootClock::time_point until, int interrupt_fd) override {
    platform::AnyOf any;
    if (interrupt_fd >= 0) any.add(interrupt_fd);
    if (watch_) any.add(watch_.fd());
    const auto look_at = look_again_at();
    if (lab_->wait(std::min(until, look_at), any.fd())) return true;
    if (watch_ && platform::readable(watch_.fd())) {
      watch_.changes();
      echoes_ = kEchoes;
      return true;
    }
    return !platform::readable(interrupt_fd) && BootClock::now() >= look_at;
  }

 private:
  BootClock::time_point look_again_at() {
    if (!watch_) return BootClock::now() + kWithoutEvents;
    if (echoes_ == 0) return BootClock::time_point::max();
    return BootClock::now() + kFirstEcho * (1 << 2 * (kEchoes - echoes_--));
  }

  std::unique_ptr<Place> lab_;
  platform::FolderWatch watch_;
  int echoes_ = 0;
};

class BothStore : public LockStore {
 public:
  BothStore(std::shared_ptr<LockStore> lab, std::shared_ptr<LockStore> local)
      : lab_(std::move(lab)), local_(std::move(local)), uri_(lab_->uri() + "+" + local_->uri()) {}

  const std::string& uri() const override { return uri_; }

  Snapshot snapshot(const Ticket& mine, std::size_t spare) override {
    Snapshot snapshot = lab_->snapshot(mine, spare);
    std::vector<Want> all(mine.wants.begin(), mine.wants.end());
    for (const Ticket& ticket : snapshot.queue)
      all.insert(all.end(), ticket.wants.begin(), ticket.wants.end());
    Ticket asked;
    asked.wants = Wants(std::move(all));
    snapshot.held = together(snapshot.held, local_->snapshot(asked).held);
    return snapshot;
  }

  std::vector<std::unique_ptr<Lease>> commit(const Snapshot& seen, const std::vector<Claim>& claims,
                                             const Json& owner) override {
    // The ticket stays in the queue until both are had.
    Snapshot staying = seen;
    staying.mine.clear();
    std::vector<std::unique_ptr<Lease>> lab = lab_->commit(staying, claims, owner);
    if (lab.empty()) return lab;
    std::vector<std::unique_ptr<Lease>> local = local_->commit(seen, claims, owner);
    if (local.empty()) {
      for (const auto& lease : lab) lease->give_back_unused();
      return local;
    }
    std::vector<std::unique_ptr<Lease>> result;
    for (std::size_t i = 0; i < lab.size(); ++i)
      result.push_back(std::make_unique<BothLease>(std::move(lab[i]), std::move(local[i]), local_));
    return result;
  }

  bool anybody_waits() override { return lab_->anybody_waits(); }
  std::unique_ptr<Place> enqueue(Ticket ticket) override {
    return std::make_unique<BothPlace>(lab_->enqueue(std::move(ticket)),
                                       local_->uri().substr(sizeof "file:" - 1));
  }
  void wake(const std::vector<std::string>& ticket_ids) noexcept override { lab_->wake(ticket_ids); }
  std::vector<Ticket> queue() override { return lab_->queue(); }

  std::vector<Hold> holders(const std::string& resource_id) override {
    std::vector<Hold> holds = lab_->holders(resource_id);
    return holds.empty() ? local_->holders(resource_id) : holds;
  }
  std::vector<int> keepers(const std::string& resource_id) override { return local_->keepers(resource_id); }
  bool end_reservation(const std::string& resource_id) override {
    const bool here = local_->end_reservation(resource_id);
    return lab_->end_reservation(resource_id) || here;
  }
  std::vector<Finding> examine() override {
    std::vector<Finding> findings = lab_->examine();
    for (Finding& finding : local_->examine()) findings.push_back(std::move(finding));
    return findings;
  }
  void keep_from_children(const std::string& resource_id) noexcept override {
    local_->keep_from_children(resource_id);
  }

 private:
  const std::shared_ptr<LockStore> lab_;
  const std::shared_ptr<LockStore> local_;
  const std::string uri_;
};

}  // namespace

std::optional<std::pair<std::string, std::string>> parts(const std::string& uri) {
  const auto between = uri.find(kBetween);
  if (between == uri.npos || uri.rfind("file:", 0) == 0) return std::nullopt;
  return std::pair(uri.substr(0, between), uri.substr(between + 1));
}

std::shared_ptr<LockStore> open(std::shared_ptr<LockStore> lab, std::shared_ptr<LockStore> local) {
  return std::make_shared<BothStore>(std::move(lab), std::move(local));
}

}  // namespace lockable::both_store
