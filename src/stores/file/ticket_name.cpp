#include "stores/file/ticket_name.h"

#include <fmt/format.h>
#include <lockable/lock_store.h>

#include <array>
#include <atomic>
#include <charconv>
#include <limits>

#include "platform/identity.h"
#include "stores/file/names.h"

namespace lockable::file_store {
namespace {

constexpr std::size_t kDigits = 20;
constexpr std::size_t kKindDigits = 16;
// Added to ranks, so that none is negative in a name.
constexpr std::chrono::nanoseconds kShift = kPriorityStep * kMostPriority;

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

}  // namespace

bool TicketName::parse(std::string_view name, TicketName& into) {
  std::array<std::string_view, 6> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto end = i + 1 < parts.size() ? name.find('-') : name.size();
    if (end == name.npos) return false;
    parts[i] = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  std::int64_t rank = 0, arrival = 0, pid = 0, serial = 0, bell = 0;
  if (parts[0].size() != kDigits || parts[1].size() != kDigits || parts[4].size() != kKindDigits ||
      parts[4].find_first_not_of("0123456789abcdef") != std::string_view::npos ||
      !read_number(parts[0], rank) || !read_number(parts[1], arrival) || !read_number(parts[2], pid) ||
      !read_number(parts[3], serial) || !read_number(parts[5], bell) ||
      bell > std::numeric_limits<BellNumber>::max())
    return false;
  into.rank = std::chrono::nanoseconds(rank) - kShift;
  into.arrival = std::chrono::nanoseconds(arrival);
  into.kind = parts[4];
  into.bell = static_cast<BellNumber>(bell);
  return true;
}

std::string TicketName::make() const {
  static std::atomic<std::uint32_t> last{0};
  return fmt::format("{:0{}}-{:0{}}-{}-{:010}-{}-{}", (rank + kShift).count(), kDigits, arrival.count(),
                     kDigits, platform::own_pid(), ++last, kind, bell);
}

bool TicketName::same_place(const TicketName& other) const {
  return rank == other.rank && arrival == other.arrival && bell == other.bell;
}

std::string kind_of(const std::string& wants_text) { return fmt::format("{:016x}", hash_of(wants_text)); }

}  // namespace lockable::file_store
