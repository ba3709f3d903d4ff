/// \file
/// What the name of a ticket's file tells without opening it. Sorted by name, tickets are in order of rank.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "stores/file/bells.h"

namespace lockable::file_store {

/// `<rank>-<arrival>-<pid>-<serial>-<kind>-<bell>`.
struct TicketName {
  std::chrono::nanoseconds rank{0};     ///< rank_of(arrival, priority)
  std::chrono::nanoseconds arrival{0};  ///< since boot
  std::string kind;                     ///< the same for tickets that want the same (kind_of)
  BellNumber bell = 0;                  ///< what wakes its owner

  /// False for any other name.
  static bool parse(std::string_view name, TicketName& into);
  /// A name that nobody else has. Of one place they are in the order in which they were made.
  std::string make() const;
  /// Whether both are of one place in the queue: nobody else has its bell.
  bool same_place(const TicketName& other) const;
};

/// The kind of what such a text wants: 16 digits. Of another text it is another one, by all that is likely.
std::string kind_of(const std::string& wants_text);

}  // namespace lockable::file_store
