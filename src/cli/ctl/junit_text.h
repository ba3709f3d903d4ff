/// \file
/// JUnit reports, of `ctest --output-junit` and of GoogleTest, and the hardware that their test cases held.
/// Pure.
#pragma once

#include <lockable/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lockable::cli {

/// The text is no JUnit report: the message names line and column, what was found and what was expected.
class InvalidReport : public Error {
 public:
  using Error::Error;
};

/// A test case that held hardware.
struct HeldTest {
  std::string test;  ///< `class.name`; `name` where the class says the same, as with CTest, or nothing
  std::vector<std::string> resources;
  std::string host;  ///< empty: not known
  std::optional<double> queue_time_ms;
  std::vector<std::string> alloc_ids;
};

struct Report {
  std::string text;
  std::size_t tests = 0;  ///< all test cases
  std::vector<HeldTest> held;
};

/// The report with the properties of README's section "Reports" in each test case that held hardware and does
/// not have them yet. Everything else in it stays to the byte. What a test held is told by
/// - a property `lockable_allocated` (allocation/allocated_line.h), as fixtures record it;
/// - else, in its <system-out>, the first line that begins with kAllocatedStart and is one;
/// - else the properties `resource_id` and `lockable_alloc_id`, which may be attributes of the test case.
/// Throws InvalidReport.
Report add_hardware(const std::string& text);

}  // namespace lockable::cli
