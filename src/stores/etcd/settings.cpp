#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "platform/environment.h"
#include "platform/file.h"
#include "stores/etcd/gateway.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;
using platform::environment_variable;

constexpr auto kShortest = 2s;
constexpr auto kLongest = 24h;

std::string read(const char* variable, const std::string& path) try {
  return platform::read_file(path);
} catch (const platform::SystemError& error) {
  throw StoreError(fmt::format("{}: {}", variable, error.what()));
}

std::chrono::seconds lease_time_of(const std::string& text) {
  long seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size())
    throw StoreError(fmt::format("LOCKABLE_ETCD_LEASE_TIME is '{}': expected whole seconds", text));
  return std::chrono::seconds(seconds);
}

void set(std::string& value, const char* variable) {
  if (value.empty()) value = environment_variable(variable);
}

}  // namespace

EtcdOptions with_environment(EtcdOptions options) {
  set(options.user, "LOCKABLE_ETCD_USER");
  if (options.password.empty() && options.password_file.empty()) {
    options.password = environment_variable("LOCKABLE_ETCD_PASSWORD");
    options.password_file = environment_variable("LOCKABLE_ETCD_PASSWORD_FILE");
  }
  set(options.ca_file, "LOCKABLE_ETCD_CA");
  if (options.certificate_file.empty()) {
    options.certificate_file = environment_variable("LOCKABLE_ETCD_CERT");
    set(options.key_file, "LOCKABLE_ETCD_KEY");
  }
  if (options.lease_time == 0s)
    if (const std::string text = environment_variable("LOCKABLE_ETCD_LEASE_TIME"); !text.empty())
      options.lease_time = lease_time_of(text);
  if (options.lease_time == 0s) options.lease_time = kEtcdLeaseTime;
  if (options.lease_time < kShortest || options.lease_time > kLongest)
    throw StoreError(fmt::format("the etcd lease time is {} s: expected {} to {}", options.lease_time.count(),
                                 kShortest.count(), std::chrono::seconds(kLongest).count()));
  return options;
}

Credentials credentials(const EtcdOptions& options, const Address& address) {
  Credentials who;
  who.user = options.user;
  who.password = options.password;
  if (who.password.empty() && !options.password_file.empty()) {
    who.password = read("LOCKABLE_ETCD_PASSWORD_FILE", options.password_file);
    while (!who.password.empty() && (who.password.back() == '\n' || who.password.back() == '\r'))
      who.password.pop_back();
  }
  if (!address.tls) return who;
  who.tls.ca_setting = "LOCKABLE_ETCD_CA";
  who.tls.certificate_setting = "LOCKABLE_ETCD_CERT";
  who.tls.ca_file = options.ca_file;
  who.tls.certificate_file = options.certificate_file;
  who.tls.key_file = options.key_file;
  if (!options.ca_file.empty()) read("LOCKABLE_ETCD_CA", options.ca_file);
  if (!options.certificate_file.empty()) read("LOCKABLE_ETCD_CERT", options.certificate_file);
  if (!options.key_file.empty()) read("LOCKABLE_ETCD_KEY", options.key_file);
  return who;
}

}  // namespace lockable::etcd
