#include "planner/seats.h"

namespace lockable::planner {

namespace {

std::size_t index(int number) { return static_cast<std::size_t>(number); }

}  // namespace

bool Seats::add(const Choices& choices, bool all) {
  const int seat = static_cast<int>(choices_.size());
  choices_.push_back(&choices);
  taken_.push_back(-1);
  ++search_;
  if (augment(seat, all)) return true;
  choices_.pop_back();
  taken_.pop_back();
  return false;
}

// Each step of the search takes another resource, so its depth is bounded by what is free.
bool Seats::augment(int seat, bool all) {
  const std::vector<int>& numbers = choices_[index(seat)]->numbers;
  const std::size_t end = limit(seat, all);
  for (std::size_t i = 0; i < end; ++i) {
    if (by_number_[index(numbers[i])] >= 0 || !free(numbers[i])) continue;
    put(seat, numbers[i]);
    return true;
  }
  for (std::size_t i = 0; i < end; ++i) {
    const int number = numbers[i];
    const int there = by_number_[index(number)];
    if (there < 0 || seen_[index(number)] == search_) continue;
    seen_[index(number)] = search_;
    if (!augment(there, all)) continue;
    put(seat, number);
    return true;
  }
  return false;
}

void Seats::put(int seat, int number) {
  log_.push_back({number, by_number_[index(number)]});
  by_number_[index(number)] = seat;
  taken_[index(seat)] = number;
}

void Seats::shrink(std::size_t seats, std::size_t moves) {
  while (log_.size() > moves) {
    const Move move = log_.back();
    log_.pop_back();
    by_number_[index(move.number)] = move.seat_before;
    if (move.seat_before >= 0) taken_[index(move.seat_before)] = move.number;
  }
  choices_.resize(seats);
  taken_.resize(seats);
}

std::size_t Seats::limit(int seat, bool all) const {
  const Choices& choices = *choices_[index(seat)];
  return all ? choices.numbers.size() : choices.least;
}

}  // namespace lockable::planner
