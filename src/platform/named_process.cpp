#include "platform/named_process.h"

#include <limits>

namespace lockable::platform {

using Json = nlohmann::json;

std::optional<ProcessKey> named_process(const Json& record) noexcept try {
  if (!record.is_object()) return std::nullopt;
  const Identity& me = self();
  if (record.value("boot_id", Json()) != me.boot_id ||
      record.value("pid_namespace", Json()) != me.pid_namespace)
    return std::nullopt;
  const Json pid = record.value("pid", Json()), start_time = record.value("start_time", Json());
  if (!pid.is_number_integer() || pid <= 0 || pid > std::numeric_limits<int>::max()) return std::nullopt;
  if (!start_time.is_number_integer() || start_time < 0) return std::nullopt;
  return ProcessKey{pid.get<int>(), start_time.get<std::uint64_t>()};
} catch (const std::exception&) {
  return std::nullopt;  // no memory left, or not even /proc can be read
}

std::optional<ProcessStatus> status_of_process(const ProcessKey& process) {
  auto status = process_status(process.pid);
  if (status && status->start_time != process.start_time) status.reset();
  return status;
}

}  // namespace lockable::platform
