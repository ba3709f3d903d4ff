/// \file
/// A ticket as a text: two lines of JSON, as both stores keep it.
#pragma once

#include <lockable/lock_store.h>

#include <string>
#include <string_view>
#include <vector>

namespace lockable {

std::string wants_text(const Wants& wants);
std::string rest_text(const Ticket& ticket);

/// Both are false for anything that those above do not write: others might plan wrongly from it, or never
/// end.
bool read_wants(std::string_view line, std::vector<Want>& wants);
bool read_rest(std::string_view line, Ticket& ticket);

}  // namespace lockable
