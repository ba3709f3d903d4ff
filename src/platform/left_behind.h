/// \file
/// A part of this program that goes on in the background when the program has ended.
#pragma once

#include <functional>

namespace lockable::platform {

/// Called by the work once it has what it wanted: from then on nobody waits for it. Our standard streams are
/// /dev/null then, so that who reads our output comes to its end. Throws SystemError.
using Ready = std::function<void()>;

/// Runs `work` in a process of its own (fork(2), a session of its own: a terminal's ^C does not reach it).
/// Waits until that is ready and returns 0, or until it has ended without and returns its exit code, 128+n
/// for signal n. `work` must not throw; what it returns is its exit code. For single-threaded programs.
/// Throws SystemError.
int leave_behind(const std::function<int(const Ready& ready)>& work);

/// Whether our standard error is a pipe that nobody will read any more.
bool nobody_reads_errors() noexcept;

}  // namespace lockable::platform
