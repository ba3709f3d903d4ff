/// \file
/// What a test program holds: for itself, for a suite, for a test.
#pragma once

#include <lockable/lockable.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/shared_text.h"

namespace lockable::gtest_internal {

/// The allocations that serve one demand, in the order of its requirements. Some may belong to an outer
/// level.
using Holding = std::vector<std::shared_ptr<Allocation>>;

/// Three holdings, the innermost last. Made with the first request. Any thread may look; GoogleTest's own
/// thread changes them.
class Levels {
 public:
  enum Index { kProgram, kSuite, kTest, kCount };

  static Levels& instance();

  /// Holds what is asked for at that level, replacing what was held there: from the outer levels, else by a
  /// request. Blocks at most the timeout of the flags. Throws what Lockable::lock_many() throws. The child of
  /// a death test takes its parent's instead.
  void hold(Index level, const Requirements& requirements);
  void release(Index level);
  /// How the use of what is held there went (Allocation::note_outcome()). What belongs to an outer level
  /// hears of it again at that one's end.
  void note_outcome(Index level, Outcome outcome, const std::string& what);
  bool holds(Index level) const;

  /// Of the innermost level that holds something, `outermost` at most. Throws Error when there is none, or
  /// none of that role.
  Allocation& find(Index innermost, const std::optional<std::string>& role) const;
  /// What the running test uses: of the innermost level that holds something.
  Holding in_use() const;

 private:
  Levels();
  Lockable& lab();
  static Holding borrow_from_parent(Index level);
  Holding serve(Index level, const Requirements& requirements);
  void publish();

  mutable std::mutex mutex_;
  std::optional<Holding> held_[kCount];
  std::unique_ptr<Lockable> lab_;
  std::unique_ptr<platform::SharedText> published_;  // for the children of death tests
};

}  // namespace lockable::gtest_internal
