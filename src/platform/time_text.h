/// \file
/// Moments of the wall clock as texts.
#pragma once

#include <lockable/clock.h>

#include <optional>
#include <string>

namespace lockable::platform {

/// ISO 8601 in UTC, to the millisecond: 2026-01-31T23:59:59.123Z.
std::string iso8601(WallTime time);
/// The same back; empty for anything else.
std::optional<WallTime> parse_iso8601(const std::string& text);

/// The moment of an HTTP `Date` (RFC 9110), to the second; empty for anything else.
std::optional<WallTime> parse_http_date(const std::string& text);

}  // namespace lockable::platform
