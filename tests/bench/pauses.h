/// \file
/// Makes rare interleavings common: the system calls that decide who holds a resource, as this program's
/// library makes them, pause now and then, as if the process had been preempted there.
///
/// flock (exclusive), unlinkat, renameat, pwrite and ftruncate are defined here and hide those of the C
/// library.
#pragma once

namespace lockable::bench {

/// From now on, in this process. Before that they are as ever.
void pause_now_and_then(unsigned seed);

}  // namespace lockable::bench
