/// \file
/// How we present ourselves to those who wait for what we hold.
#pragma once

#include <lockable/clock.h>
#include <lockable/lockable.h>

#include <string>

namespace lockable {

/// Hold::owner for this process.
Json describe_owner(const Options& options, WallTime now);

/// A new id, unique on all hosts.
std::string new_alloc_id();

/// ISO 8601 in UTC, to the millisecond: 2026-01-31T23:59:59.123Z.
std::string iso8601(WallTime time);

}  // namespace lockable
