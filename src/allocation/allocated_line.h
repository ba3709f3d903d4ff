/// \file
/// The one line by which a test's output and its results tell which hardware the test held; written where
/// hardware is handed to a test, read back by `lockablectl junit`. Pure.
///
///     lockable: allocated b1, "b 2" after 0.003 s on lab-1 (alloc_id 0f3c…, 9a41…)
///
/// Ids, the host and alloc ids stand as they are when they consist of letters and digits (of any script) and
/// `. _ : / @ + # = % ~ -`, else as JSON strings, so that every id is read back exactly and none ends the
/// line. A line that was cut short is none. What a line, a terminal or XML cannot carry is `\u…` there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockable {

struct Allocated {
  std::vector<std::string> resource_ids;
  std::chrono::milliseconds queue_time{0};
  std::string host;
  std::vector<std::string> alloc_ids;
};

/// By which people and TIMEOUT_AFTER_MATCH (cmake/Lockable.cmake) know the line.
constexpr std::string_view kAllocatedStart = "lockable: allocated ";

/// What stands behind kAllocatedStart; one line, without its end.
std::string allocated_text(const Allocated& allocated);
/// Reads that; empty for anything that allocated_text() would not write.
std::optional<Allocated> read_allocated_text(std::string_view text);

/// An id in a line: as it is, or as a JSON string.
std::string id_in_line(const std::string& id);

/// Whether XML 1.0 can hold the text: control characters and U+FFFE, U+FFFF it cannot, however written.
bool fits_xml(std::string_view text);

}  // namespace lockable
