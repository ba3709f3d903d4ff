/// \file
/// `etcd://host[:port][,host[:port]…][/namespace]`, or `etcds://` with TLS. Pure.
#pragma once

#include <string>
#include <vector>

namespace lockable::etcd {

struct Address {
  std::vector<std::string> endpoints;  ///< `http://host:port`, at least one
  std::string name_space;              ///< one per lab; all keys are within it
  bool tls = false;
  std::string uri;  ///< the whole again, with all that was left out
};

/// Whether the URI is one of ours to read.
bool is_etcd_uri(const std::string& uri);

/// Throws StoreError, which says what was expected and never shows a password.
Address parse_address(const std::string& uri);

}  // namespace lockable::etcd
