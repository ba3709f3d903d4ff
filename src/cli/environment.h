/// \file
/// What the command finds in its environment about the resources it has. Pure.
///
/// - LOCKABLE_ALLOCATIONS: a JSON array of all allocations (allocation/surrounding.h), ours first, then those
/// of a surrounding program that
///   ours do not use; beyond 64 KiB in a file that LOCKABLE_ALLOCATIONS_FILE names.
/// - LOCKABLE_RESOURCE_<KEY>: the first resource; keys in upper case, every character but letters and digits
/// a `_`, nested keys joined by
///   `_`. Strings as they are, everything else as JSON; null is not set.
/// - LOCKABLE_ROLE_<ROLE>_<KEY>: the same for each allocation that has a role.
/// - <KEY>: the top-level keys of the first resource, as py-lockable sets them, but for protected names.
/// Their names stand in
///   LOCKABLE_BARE_NAMES, so that a `lockable` within can take them away.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lockable::cli {

using Json = nlohmann::json;

struct CommandEnvironment {
  std::vector<std::string> variables;  ///< `NAME=value`: all of them
  std::string allocations;             ///< to be put into a file when longer than kLongestValue
                                       ///< (allocation/variables.h); the variables name none
  std::vector<std::string> warnings;
};

/// `inherited` is our own environment as `NAME=value`. `ours` and `outer` are elements as
/// allocation/surrounding.h has them.
CommandEnvironment command_environment(const std::vector<std::string>& inherited,
                                       const std::vector<Json>& ours, const std::vector<Json>& outer,
                                       bool bare_names);

}  // namespace lockable::cli
