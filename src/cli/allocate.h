/// \file
/// Getting what a command line asks for, and telling CTest of it.
#pragma once

#include <lockable/lockable.h>

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace lockable::cli {

/// Waits for it, telling who holds it meanwhile; adds to `said` how many bytes were printed. `guard` is
/// Options::guard. Throws what Lockable does, and Interrupted once `interrupt_fd` is readable.
std::vector<Allocation> allocate(const CommandLine& line, int interrupt_fd, std::size_t& said,
                                 Guard guard = {});

/// The first line is what TIMEOUT_AFTER_MATCH of lockable_add_test and `lockablectl junit` look for; CTest
/// takes the tags out of the output again. `said`: how much was printed before.
void tell_ctest(const std::vector<Allocation>& allocations, std::size_t said);

}  // namespace lockable::cli
