/// \file
/// What is free, while a plan is made.
#pragma once

#include <lockable/lock_store.h>

#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockable::planner {

/// Gives each id a number and remembers how much of it is taken. Ids are borrowed from the snapshot.
class Pool {
 public:
  explicit Pool(const Snapshot& snapshot) : snapshot_(snapshot) {}

  int number_of(std::string_view id);
  std::size_t size() const { return ids_.size(); }
  std::string_view id(int number) const { return ids_[index(number)]; }
  std::uint64_t last_used(int number) const { return last_used_[index(number)]; }

  bool whole(int number) const { return used_[index(number)] == 0; }
  bool shared(int number) const { return used_[index(number)] > 0; }
  bool has_slots(int number, int wanted, int capacity) const {
    return used_[index(number)] >= 0 && used_[index(number)] + wanted <= capacity;
  }
  void take_slots(int number, int slots) { used_[index(number)] += slots; }
  /// Nobody gets any more of it.
  void close(int number) { used_[index(number)] = kClosed; }

 private:
  static constexpr int kClosed = -1;
  static std::size_t index(int number) { return static_cast<std::size_t>(number); }
  int used_now(std::string_view id) const;

  const Snapshot& snapshot_;
  std::unordered_map<std::string_view, int> numbers_;
  std::vector<std::string_view> ids_;
  std::vector<int> used_;  // slots, or kClosed
  std::vector<std::uint64_t> last_used_;
};

}  // namespace lockable::planner
