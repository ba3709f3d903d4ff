/// \file
/// Other people's text (ids, notes, names) in a message. Pure.
#pragma once

#include <string>
#include <string_view>

namespace lockable {

/// The text as part of one line, with nothing that a terminal would obey: control characters, those of
/// Unicode (C1) included, become spaces, bytes that are no UTF-8 become question marks.
std::string one_line(std::string_view text);

}  // namespace lockable
