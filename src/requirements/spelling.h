/// \file
/// Likely misspellings. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace lockable::requirements {

/// The known word that was probably meant: at most two letters wrong, missing, too many or swapped (one in
/// short words), or only the case of letters. Empty when none is near.
std::optional<std::string> nearest_word(const std::string& word, const std::set<std::string>& known);

}  // namespace lockable::requirements
