#include <lockable/lock_store.h>

#include "platform/named_process.h"

namespace lockable {

bool LockStore::is_stopped(const Ticket& ticket) noexcept try {
  const auto process = platform::named_process(ticket.owner);
  const auto status = process ? platform::status_of_process(*process) : std::nullopt;
  return status && status->stopped;
} catch (const std::exception&) {
  return false;  // no memory left, or not even /proc can be read
}

}  // namespace lockable
