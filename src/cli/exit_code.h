/// \file
/// What the exit codes of both commands mean. Those of the command that `lockable` ran are passed on.
#pragma once

namespace lockable::cli {

enum ExitCode : int {
  kSuccess = 0,
  kUsage = 64,
  kInvalidData = 65,  ///< inventory or requirements
  kNoSuchResource = 69,
  kLockLost = 70,
  kDeadlock = 71,
  kSetAside = 72,     ///< all that match were set aside by their probe
  kLockFolder = 73,   ///< lock folder not usable
  kUnreachable = 74,  ///< provider or store
  kTimeout = 75,
  kSkipped = 77,  ///< --on-missing=skip, LOCKABLE_DISABLE
  kRunTimeout = 124,
  kCannotExecute = 126,
  kNoSuchCommand = 127,
  kSignalBase = 128,
};

/// Prints what the exception that is being handled says, after `program: `, to standard error; returns its
/// exit code. To be called in a catch block.
int report_exception(const char* program) noexcept;

}  // namespace lockable::cli
