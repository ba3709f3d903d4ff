/// \file
/// A process that a record names, as Hold::owner does: `pid`, `start_time`, `boot_id`, `pid_namespace`.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "platform/identity.h"

namespace lockable::platform {

/// Empty when the record is about another boot, machine or pid namespace, or names none: its number says
/// nothing here then. Does not ask whether it still lives.
std::optional<ProcessKey> named_process(const nlohmann::json& record) noexcept;

/// What the system says about it; empty when it is gone, whoever has its number now.
std::optional<ProcessStatus> status_of_process(const ProcessKey& process);

}  // namespace lockable::platform
