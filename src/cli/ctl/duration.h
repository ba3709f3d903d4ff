/// \file
/// Spans of time as people write and read them. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace lockable::cli {

/// `90s`, `30m`, `2h`, `3d`, `1w` or several of them, the longest unit first, each once: `1h30m`. Empty for
/// anything else, for nothing at all (`0s`), and for more than a hundred years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// `4 s`, `12 min`, `2 h 5 min`, `3 d 4 h`. Less than nothing is `0 s`.
std::string duration_text(std::chrono::nanoseconds span);

}  // namespace lockable::cli
