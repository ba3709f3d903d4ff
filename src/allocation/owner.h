/// \file
/// How we present ourselves to those who wait for what we hold.
#pragma once

#include <lockable/clock.h>
#include <lockable/lockable.h>

#include <string>

namespace lockable {

/// Hold::owner for this process.
Json describe_owner(const Options& options, WallTime now);

/// A holder (Hold::owner) in words: user, host, pid, command, test, since when, note; of a reservation whose
/// it is, until when and why.
std::string who_is(const Json& owner);

/// A new id, unique on all hosts.
std::string new_alloc_id();

}  // namespace lockable
