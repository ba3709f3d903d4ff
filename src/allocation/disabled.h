/// \file
/// LOCKABLE_DISABLE: for machines without hardware, tests and commands that would need some are skipped. The
/// library itself (Lockable) takes no notice: who calls lock() gets an allocation or an exception.
#pragma once

#include "platform/environment.h"

namespace lockable {

constexpr const char* kDisabled = "LOCKABLE_DISABLE is set: nothing that needs hardware runs";

inline bool is_disabled() { return platform::environment_switch("LOCKABLE_DISABLE"); }

}  // namespace lockable
