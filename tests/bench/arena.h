/// \file
/// Where processes compete for boards: one folder with the lock folder under test, the witnesses, and what
/// the processes tell their conductor by appending to files (which survives a kill).
#pragma once

#include <lockable/lockable.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lockable::bench {

class Arena {
 public:
  /// An arena that is there (make() made it) with boards `board1` … `board<boards>`.
  Arena(std::string folder, unsigned boards) : folder_(std::move(folder)), boards_(boards) {}
  void make() const;

  const std::string& folder() const { return folder_; }
  unsigned boards() const { return boards_; }
  std::string locks() const { return folder_ + "/locks"; }
  std::string witnesses() const { return folder_ + "/witnesses"; }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  /// Options that lead to these boards.
  Options options() const;
  /// Requirements that `count` of them fulfil.
  Requirements any(unsigned count) const;

  /// One allocation that its witness has seen, by how long it queued. Appended whole (O_APPEND).
  void tell_allocation(const std::string& file, std::int64_t queue_time_ns) const;
  /// One line about something that must not be.
  void tell(const std::string& file, const std::string& line) const;
  std::uint64_t allocations(const std::string& file) const;
  std::vector<std::int64_t> queue_times(const std::string& file) const;
  std::vector<std::string> lines(const std::string& file) const;

 private:
  std::string folder_;
  unsigned boards_;
};

/// What is told in which file.
constexpr const char* kAllocations = "allocations";
constexpr const char* kPeerAllocations = "allocations-peer";
constexpr const char* kOverlaps = "overlaps";
constexpr const char* kCleaned = "cleaned";  ///< a killed holder's witness was found
constexpr const char* kBroken = "broken";    ///< a promise of the store other than exclusion

/// Exit codes of a worker.
constexpr int kWorkerStuck = 3;
constexpr int kWorkerFailed = 4;

/// The whole life of a worker: lock any board, witness that nobody else has it, hold it for a moment, release
/// it. In a rush it tries again and again instead of queueing; pausing (pauses.h) it does what is rare more
/// often. Returns its exit code.
int work_once(const Arena& arena, unsigned seed, bool rush, bool pausing);
/// The same work of one whose board somebody else has locked for it.
int work_held(const Arena& arena, const std::string& board, unsigned seed);

}  // namespace lockable::bench
