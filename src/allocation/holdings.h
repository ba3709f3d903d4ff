/// \file
/// What this program holds, for the search for circles of requests that wait for each other.
#pragma once

#include <string>
#include <vector>

namespace lockable {

/// The calling thread got this allocation. Any thread may take it off again.
void note_holding(const std::string& alloc_id);
void forget_holding(const std::string& alloc_id) noexcept;

/// The alloc_ids that a request of this thread will not give back before it is served: what the thread was
/// granted and still has, and what surrounding programs hold for us. What other threads have may come back
/// while this one waits, so it does not count.
std::vector<std::string> holdings();

}  // namespace lockable
