/// \file
/// Tells a person what `lockable` waits for.
#pragma once

#include <lockable/lockable.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace lockable::cli {

/// What the live line says, what matters first since the end may be cut off: how long, the place in the
/// queue, who holds it and since when, what for.
std::string live_text(const Waiting& waiting, WallTime now);

/// One live line on a terminal; elsewhere a line at once and every 30 s. Writes to standard error.
class WaitingMessage {
 public:
  /// Lines begin with the program's name.
  explicit WaitingMessage(const char* program = "lockable");
  /// Ends the live line.
  ~WaitingMessage();
  WaitingMessage(const WaitingMessage&) = delete;
  WaitingMessage& operator=(const WaitingMessage&) = delete;

  /// Returns how many bytes it printed.
  std::size_t tell(const Waiting& waiting);
  /// How often it wants to be told.
  std::chrono::nanoseconds interval() const;

 private:
  const char* program_;
  bool live_;
  bool shown_ = false;
};

}  // namespace lockable::cli
