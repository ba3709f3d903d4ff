#include "stores/etcd/address.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

namespace lockable::etcd {
namespace {

constexpr const char* kPlain = "etcd://";
constexpr const char* kTls = "etcds://";
constexpr const char* kPort = ":2379";  // etcd's own for clients
constexpr const char* kNamespace = "lockable";

bool starts_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

[[noreturn]] void fail(const std::string& uri, const std::string& why) {
  throw StoreError(
      fmt::format("lock store '{}': {}; expected etcd://host:port[,host:port…]/namespace", uri, why));
}

void check_namespace(const std::string& uri, const std::string& name) {
  const auto good = [](unsigned char c) { return c > ' ' && c != '?' && c != '#' && c != 0x7f; };
  if (name.empty() || name.back() == '/' || !std::all_of(name.begin(), name.end(), good))
    fail(uri, "'" + name + "' is no namespace");
}

std::string with_port(const std::string& uri, const std::string& host) {
  if (host.empty()) fail(uri, "a host is empty");
  const auto bracket = host.rfind(']');  // [::1]:2379
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  if (colon == host.npos) return host + kPort;
  const std::string port = host.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoi(port) < 1 || std::stoi(port) > 65535) fail(uri, "'" + port + "' is no port");
  if (host.find_first_of(" \t?#\\\"") != host.npos) fail(uri, "'" + host + "' is no host");
  return host;
}

}  // namespace

bool is_etcd_uri(const std::string& uri) { return starts_with(uri, kPlain) || starts_with(uri, kTls); }

Address parse_address(const std::string& uri) {
  Address address;
  address.tls = starts_with(uri, kTls);
  const std::string scheme = address.tls ? kTls : kPlain;
  const std::string rest = uri.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string hosts = rest.substr(0, slash);
  if (const auto at = rest.rfind('@'); at != rest.npos)
    fail(scheme + "***" + rest.substr(at),
         "a user does not belong here, where others can read it: use LOCKABLE_ETCD_USER and "
         "LOCKABLE_ETCD_PASSWORD or LOCKABLE_ETCD_PASSWORD_FILE");
  address.name_space = slash + 1 < rest.size() ? rest.substr(slash + 1) : kNamespace;
  check_namespace(uri, address.name_space);
  address.uri = scheme;
  for (std::size_t start = 0; start <= hosts.size();) {
    const auto comma = std::min(hosts.find(',', start), hosts.size());
    const std::string host = with_port(uri, hosts.substr(start, comma - start));
    address.uri += (start == 0 ? "" : ",") + host;
    address.endpoints.push_back((address.tls ? "https://" : "http://") + host);
    start = comma + 1;
  }
  address.uri += "/" + address.name_space;
  return address;
}

}  // namespace lockable::etcd
