/// \file
/// Tells a person what `lockable` waits for.
#pragma once

#include <lockable/lockable.h>

#include <optional>

namespace lockable::cli {

/// One live line on a terminal; elsewhere a line at once and every 30 s. Writes to standard error.
class WaitingMessage {
 public:
  WaitingMessage();
  /// Ends the live line.
  ~WaitingMessage();
  WaitingMessage(const WaitingMessage&) = delete;
  WaitingMessage& operator=(const WaitingMessage&) = delete;

  void tell(const Waiting& waiting);

 private:
  bool live_;
  bool shown_ = false;
  std::optional<std::chrono::nanoseconds> told_at_;
};

}  // namespace lockable::cli
