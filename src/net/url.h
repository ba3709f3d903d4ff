/// \file
/// Addresses, as far as we must understand them ourselves. Pure.
#pragma once

#include <string>

namespace lockable::net {

/// Whether it starts with http:// or https:// (in any letter case).
bool is_http_url(const std::string& text);
bool is_https_url(const std::string& text);

/// The address without its secrets, for messages: what stands before the `@` and behind the `?` becomes
/// `***`. Hides too much rather than too little where the address is malformed.
std::string shown(const std::string& url);

/// Scheme, host and port, lower case, the port always stated: whoever answers there is one and the same
/// server.
std::string origin(const std::string& url);

/// Whether it names a user.
bool has_user(const std::string& url);
/// `url` as whom `from` names; and as nobody.
std::string with_user_of(const std::string& from, const std::string& url);
std::string without_user(const std::string& url);

}  // namespace lockable::net
