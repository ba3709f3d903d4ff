/// \file
/// Asks a resource whether it works, before it is handed over: a command of the user's (Options::probe).
#pragma once

#include <lockable/lockable.h>

#include <string>

namespace lockable {

/// Runs the probe on a resource that we hold; blocks until it ends, at most Options::probe_timeout. Empty
/// when all is well, else what is wrong in one line, values of secret keys hidden: `exit code 3: no answer`,
/// with the last line that it printed. Throws Interrupted (Options::interrupt_fd), and Error when it cannot
/// be run.
std::string probe(const Options& options, const std::string& resource_id, const Json& resource);

}  // namespace lockable
