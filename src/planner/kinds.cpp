#include "planner/kinds.h"

namespace lockable::planner {

Kinds::Kinds(const Snapshot& snapshot, Pool& pool) {
  of_tickets_.reserve(snapshot.queue.size());
  for (const Ticket& ticket : snapshot.queue) of_tickets_.push_back(add(ticket.wants, 1, pool));
  for (const Demand& demand : snapshot.demand) add(demand.wants, demand.count, pool);
}

std::size_t Kinds::add(const Wants& wants, std::size_t count, Pool& pool) {
  const auto known = known_.find(wants.identity());
  if (known != known_.end()) {
    kinds_[known->second].count += count;
    return known->second;
  }
  std::size_t kind = 0;
  while (kind < kinds_.size() && kinds_[kind].wants != wants) ++kind;
  known_.emplace(wants.identity(), kind);
  if (kind == kinds_.size()) {
    Kind fresh;
    fresh.wants = wants;
    for (const Want& want : wants) {
      std::vector<int>& numbers = fresh.numbers.emplace_back();
      numbers.reserve(want.candidates.size());
      for (const std::string& id : want.candidates) numbers.push_back(pool.number_of(id));
    }
    kinds_.push_back(std::move(fresh));
  }
  kinds_[kind].count += count;
  return kind;
}

std::vector<double> scarcity(const Kinds& kinds, std::size_t numbers) {
  std::vector<double> result(numbers, 0.0);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Kind& kind = kinds[i];
    for (const std::vector<int>& candidates : kind.numbers)
      for (const int number : candidates)
        result[static_cast<std::size_t>(number)] +=
            static_cast<double>(kind.count) / static_cast<double>(candidates.size());
  }
  return result;
}

}  // namespace lockable::planner
