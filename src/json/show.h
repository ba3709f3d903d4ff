/// \file
/// JSON values in messages. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace lockable {

/// The value as one line of JSON, never invalid UTF-8; longer ones are cut to about `limit` bytes, ending in
/// `…`.
std::string show(const nlohmann::json& value, std::size_t limit = 400);

}  // namespace lockable
