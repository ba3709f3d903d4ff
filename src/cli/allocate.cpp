#include "cli/allocate.h"

#include "allocation/allocated_line.h"
#include "cli/say.h"
#include "cli/waiting_message.h"
#include "platform/identity.h"

namespace lockable::cli {
namespace {

std::string xml(const std::string& text) {
  std::string result;
  for (const char c : text)
    result += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return result;
}

// `b1, b2`
std::string ids(const std::vector<Allocation>& allocations) {
  std::string text;
  for (const Allocation& allocation : allocations)
    text += (text.empty() ? "" : ", ") + allocation.resource_id();
  return text;
}

Allocated allocated(const std::vector<Allocation>& allocations) {
  Allocated result;
  for (const Allocation& allocation : allocations) {
    result.resource_ids.push_back(allocation.resource_id());
    result.alloc_ids.push_back(allocation.alloc_id());
  }
  result.queue_time =
      std::chrono::round<std::chrono::milliseconds>(allocations.front().allocation_queue_time());
  result.host = platform::host_name();
  return result;
}

// Of the output of a test that passed, CTest's reports keep so much unless they are asked for all; and what
// else may have been said before us.
constexpr std::size_t kReported = 1024, kReserve = 128;

}  // namespace

std::vector<Allocation> allocate(const CommandLine& line, int interrupt_fd, std::size_t& said, Guard guard) {
  Options options = line.options;
  options.guard = std::move(guard);
  options.interrupt_fd = interrupt_fd;
  WaitingMessage message;
  if (!line.quiet) {
    options.on_waiting = [&](const Waiting& waiting) { said += message.tell(waiting); };
    options.waiting_interval = message.interval();
    options.on_warning = [&said](const std::string& text) { said += say("lockable: warning: {}\n", text); };
  }
  return Lockable(options).lock_many(line.requirements, line.timeout);
}

void tell_ctest(const std::vector<Allocation>& allocations, std::size_t said) {
  const double waited =
      std::chrono::duration<double, std::milli>(allocations.front().allocation_queue_time()).count();
  said += say("{}{}\n", kAllocatedStart, allocated_text(allocated(allocations)));
  if (said + kReserve > kReported)
    say("lockable: CTEST_FULL_OUTPUT, so that CTest's reports keep that line\n");
  say("<CTestMeasurement type=\"text/string\" name=\"lockable_resource\">{}</CTestMeasurement>\n",
      xml(ids(allocations)));
  say("<CTestMeasurement type=\"numeric/double\" name=\"lockable_queue_time_ms\">{:.3f}</CTestMeasurement>\n",
      waited);
}

}  // namespace lockable::cli
