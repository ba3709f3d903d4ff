/// \file
/// Users and groups, by name and number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lockable::platform {

/// The number in decimal when the system knows no name for it.
std::string user_name(std::uint32_t id);
std::string group_name(std::uint32_t id);

/// A group by its name, or by its number in decimal. Empty when there is no such group; any number is one.
std::optional<std::uint32_t> find_group(const std::string& name_or_number);

/// The user as whom this process opens files.
std::uint32_t own_user() noexcept;
/// Whether this process acts for that group.
bool in_group(std::uint32_t id);

/// Throws SystemError for the current errno; when that is a missing permission, `what` goes on with whose the
/// path is, or, where nothing is there, its folder. `folder` as for openat(2).
[[noreturn]] void throw_refused(const std::string& what, int folder, const std::string& path);

}  // namespace lockable::platform
