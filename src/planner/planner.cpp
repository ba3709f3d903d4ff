#include "planner/planner.h"

#include <deque>
#include <optional>

#include "planner/kinds.h"
#include "planner/matching.h"
#include "planner/options.h"
#include "planner/pool.h"
#include "planner/seats.h"

namespace lockable::planner {
namespace {

class Plan {
 public:
  explicit Plan(const Snapshot& snapshot)
      : queue_(snapshot.queue),
        pool_(snapshot),
        kinds_(snapshot, pool_),
        scarcity_(scarcity(kinds_, pool_.size())),
        seats_(pool_.size(), &pool_),
        options_(kinds_.size()),
        hopes_(kinds_.size(), Hope::kLeastWanted),
        given_(queue_.size()) {}

  std::vector<Grant> run() {
    for (std::size_t place = 0; place < queue_.size(); ++place) {
      serve_those_before(queue_[place].rank - kPatience);
      if (!serve(place, Hope::kLeastWanted)) waiting_.push_back(place);
    }
    serve_those_before(std::chrono::nanoseconds::max());
    return grants();
  }

 private:
  enum class Hope { kLeastWanted, kAny, kNone };  // what a kind may still get

  struct Given {
    std::size_t first_seat = 0;  // of its whole resources, in the order of its wants
    std::vector<int> shared;     // numbers of those that give slots, in that order
  };

  // Those who waited for the least wanted take what they can get.
  void serve_those_before(std::chrono::nanoseconds rank) {
    for (; next_ < waiting_.size() && queue_[waiting_[next_]].rank < rank; ++next_)
      serve(waiting_[next_], Hope::kAny);
  }

  // What failed once fails for all of its kind.
  bool serve(std::size_t place, Hope how) {
    const std::size_t at = kinds_.of_ticket(place);
    const Kind& kind = kinds_[at];
    const bool plain = is_plain(kind.wants);
    if (!plain) how = Hope::kAny;
    if (hopes_[at] > how) return false;
    if (must_agree(kind.wants) ? try_groups(place, kind) : try_one(place, kind, options(at), how))
      return true;
    if (!plain) {
      serve_those_before(std::chrono::nanoseconds::max());  // they came first
      keep_for(kind);
    }
    if (plain && how == Hope::kLeastWanted) wait_for_slots(kind);
    hopes_[at] = plain && how == Hope::kLeastWanted ? Hope::kAny : Hope::kNone;
    return false;
  }

  bool try_groups(std::size_t place, const Kind& kind) {
    groups_.push_back(groups_of(kind, pool_, scarcity_));
    for (const Options& group : groups_.back())
      if (try_one(place, kind, group, Hope::kAny)) return true;
    return false;
  }

  bool try_one(std::size_t place, const Kind& kind, const Options& options, Hope how) {
    const std::size_t first_seat = seats_.count();
    const std::size_t moves = seats_.moves();
    std::optional<std::vector<int>> shared;
    if (take_seats(kind, options, how)) shared = take_slots(kind, options);
    if (!shared) {
      seats_.shrink(first_seat, moves);
      return false;
    }
    given_[place] = Given{first_seat, std::move(*shared)};
    return true;
  }

  bool take_seats(const Kind& kind, const Options& options, Hope how) {
    for (std::size_t want = 0; want < kind.wants.size(); ++want)
      if (kind.wants[want].slots == 0 && !seats_.add(options.whole[want], how == Hope::kAny)) return false;
    return true;
  }

  std::optional<std::vector<int>> take_slots(const Kind& kind, const Options& options) {
    std::vector<std::vector<int>> choices;
    std::vector<int> slots;
    for (std::size_t want = 0; want < kind.wants.size(); ++want) {
      if (kind.wants[want].slots == 0) continue;
      slots.push_back(kind.wants[want].slots);
      choices.emplace_back();
      for (const Shareable& one : options.shared[want])
        if (!seats_.taken(one.number) && pool_.has_slots(one.number, slots.back(), one.capacity))
          choices.back().push_back(one.number);
    }
    if (choices.empty()) return std::vector<int>();
    auto numbers = assign(choices);
    if (numbers)
      for (std::size_t i = 0; i < slots.size(); ++i) pool_.take_slots((*numbers)[i], slots[i]);
    return numbers;
  }

  const Options& options(std::size_t kind) {
    if (!options_[kind]) options_[kind] = options_of(kinds_[kind], pool_, scarcity_);
    return *options_[kind];
  }

  // Nobody behind gets what this one could use.
  void keep_for(const Kind& kind) {
    if (!must_agree(kind.wants)) return close(options_of(kind, pool_, scarcity_));
    for (const Options& group : groups_of(kind, pool_, scarcity_))
      if (group.possible) close(group);
  }

  void close(const Options& options) {
    for (const Choices& choices : options.whole)
      for (const int number : choices.numbers) close(number);
    for (const auto& list : options.shared)
      for (const Shareable& one : list) close(one.number);
  }

  void close(int number) {
    if (!seats_.taken(number)) pool_.close(number);
  }

  // Else small requests for slots would follow one another for ever.
  void wait_for_slots(const Kind& kind) {
    for (const int number : kind.numbers.front())
      if (pool_.shared(number)) pool_.close(number);
  }

  std::vector<Grant> grants() const {
    std::vector<Grant> result;
    for (std::size_t place = 0; place < queue_.size(); ++place) {
      if (!given_[place]) continue;
      Grant grant{queue_[place].id, {}};
      std::size_t seat = given_[place]->first_seat, shared = 0;
      for (const Want& want : queue_[place].wants)
        grant.resource_ids.emplace_back(
            pool_.id(want.slots > 0 ? given_[place]->shared[shared++] : seats_.number_of(seat++)));
      result.push_back(std::move(grant));
    }
    return result;
  }

  const std::vector<Ticket>& queue_;
  Pool pool_;
  Kinds kinds_;
  std::vector<double> scarcity_;
  Seats seats_;
  std::vector<std::optional<Options>> options_;  // by kind
  std::deque<std::vector<Options>> groups_;      // seats refer to them
  std::vector<std::size_t> waiting_;             // places: for the least wanted
  std::size_t next_ = 0;                         // of waiting_: not served yet
  std::vector<Hope> hopes_;                      // by kind
  std::vector<std::optional<Given>> given_;      // by place
};

}  // namespace

std::vector<Grant> plan(const Snapshot& snapshot) {
  if (snapshot.queue.empty()) return {};
  return Plan(snapshot).run();
}

const Grant* find_grant(const std::vector<Grant>& grants, const std::string& ticket_id) {
  for (const Grant& grant : grants)
    if (grant.ticket_id == ticket_id) return &grant;
  return nullptr;
}

std::vector<std::string> best(const Wants& wants) {
  Snapshot snapshot;
  snapshot.queue.resize(1);
  snapshot.queue.front().wants = wants;
  const std::vector<Grant> grants = plan(snapshot);
  return grants.empty() ? std::vector<std::string>() : grants.front().resource_ids;
}

bool possible(const Wants& wants) { return wants.size() > 0 && !best(wants).empty(); }

Want narrowed(const Want& want, const std::function<bool(const std::string& id)>& keep) {
  Want rest;
  rest.slots = want.slots;
  for (std::size_t i = 0; i < want.candidates.size(); ++i) {
    if (!keep(want.candidates[i])) continue;
    rest.candidates.push_back(want.candidates[i]);
    if (!want.same.empty()) rest.same.push_back(want.same[i]);
    if (!want.ranks.empty()) rest.ranks.push_back(want.ranks[i]);
    if (!want.capacities.empty()) rest.capacities.push_back(want.capacities[i]);
  }
  return rest;
}

}  // namespace lockable::planner
