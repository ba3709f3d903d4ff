/// \file
/// The loop of the witness with flock(1) in the place of lockable.
#pragma once

#include <chrono>

#include "arena.h"
#include "rate.h"

namespace lockable::bench {

/// So many `flock BOARD worker` at a time, each on any of the boards, for so long; the worker does what one
/// of the swarm does but for the locking. Throws std::exception when flock(1) cannot be run.
Rate::Figures rate_of_flock_calls(const Arena& arena, unsigned processes, std::chrono::seconds time);

}  // namespace lockable::bench
