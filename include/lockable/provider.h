/// \file
/// Where the inventory comes from.
///
/// An inventory is a JSON array of objects. Each has an `id`: a non-empty string or an integer, unique by its
/// text (`1` and
/// `"1"` are the same). Every other key is free; `hostname` (string), `online` (boolean) and `slots` have a
/// meaning.
#pragma once

#include <lockable/clock.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockable {

using Json = nlohmann::json;

/// One resource: its id as text, and the whole object as the inventory has it.
struct Resource {
  std::string id;
  Json info;
};

/// All resources, checked. Immutable once made; any thread may read it.
class Inventory {
 public:
  /// Checks an array. `source` names it in messages. Throws InvalidInventory naming the index and id of the
  /// element at fault.
  static std::shared_ptr<const Inventory> from_json(const Json& array, const std::string& source);
  /// Reads a text. Throws InvalidInventory, for a syntax error with line and column.
  static std::shared_ptr<const Inventory> parse(std::string_view text, const std::string& source);

  /// All that from_json() would refuse about the elements of an array, in order, one line each; empty when
  /// nothing is.
  static std::vector<std::string> problems(const Json& array);

  const std::vector<Resource>& resources() const { return resources_; }
  const std::string& source() const { return source_; }
  /// The resource with that id, or nullptr.
  const Resource* find(std::string_view id) const;

 private:
  Inventory() = default;
  std::string source_;
  std::vector<Resource> resources_;
  std::unordered_map<std::string, std::size_t> index_;  // by id
};

/// The inventory for one request that waits; made by Provider::watch(), used by one thread, destroyed before
/// the Provider.
class InventoryWatch {
 public:
  virtual ~InventoryWatch() = default;
  /// The inventory as far as it is known, without waiting for a network: where asking takes time, that goes
  /// on in the background while the watch lives, and a later call delivers what came. Throws as
  /// Provider::inventory().
  virtual std::shared_ptr<const Inventory> inventory() = 0;
};

/// Delivers the inventory. Any thread may call; calls may block until `deadline` (list: never; file: for the
/// disk; http: for the server). A deadline that has passed allows one short attempt.
class Provider {
 public:
  virtual ~Provider() = default;
  /// The inventory as it is now: the same object as last time when nothing changed. Throws InvalidInventory
  /// or ProviderError. A provider that once delivered keeps its last good inventory when the source is broken
  /// for a moment, and reports that through `on_warning`.
  virtual std::shared_ptr<const Inventory> inventory(BootClock::time_point deadline) = 0;
  /// For a request that waits, once inventory() has delivered. Default: calls inventory() each time.
  virtual std::unique_ptr<InventoryWatch> watch();
};

using OnWarning = std::function<void(const std::string& message)>;

/// How an inventory behind a URL is asked for. Secrets are in files or in variables of the environment; an
/// empty member takes the variable named beside it. TLS certificates are always verified. Proxies are those
/// of the environment (`https_proxy`, `no_proxy` …), as libcurl reads them. Of 5 redirects at most, none
/// leads from https to http with credentials, and no credentials go to another server.
struct HttpOptions {
  std::string token;             ///< bearer token; LOCKABLE_HTTP_TOKEN
  std::string token_file;        ///< file with the token, read anew each time; LOCKABLE_HTTP_TOKEN_FILE
  std::string netrc_file;        ///< users and passwords; LOCKABLE_HTTP_NETRC, else ~/.netrc where it is
  std::string ca_file;           ///< authorities (PEM) instead of the system's; LOCKABLE_HTTP_CA
  std::string certificate_file;  ///< our own certificate (PEM); LOCKABLE_HTTP_CERT
  std::string key_file;          ///< its key (PEM), unless in certificate_file; LOCKABLE_HTTP_KEY

  std::chrono::nanoseconds connect_limit = std::chrono::seconds(10);  ///< for name, connection and TLS
  std::chrono::nanoseconds total_limit = std::chrono::seconds(60);    ///< for one try, redirects included
  std::size_t size_limit = std::size_t{64} << 20;                     ///< bytes, decompressed

  /// So often the first answer is tried for again, after connection errors and the statuses 429, 500, 502,
  /// 503 and 504, all within the timeout of the request that needs it.
  int retries = 9;
  std::chrono::nanoseconds first_wait = std::chrono::seconds(1);  ///< doubles; a `Retry-After` goes before it

  /// A request made so soon after the last answer takes it as it is; a later one asks whether it still holds.
  std::chrono::nanoseconds fresh_for = std::chrono::seconds(1);
  /// So often a waiting request asks again.
  std::chrono::nanoseconds refresh_every = std::chrono::seconds(5);
};

/// How an inventory is to be had. Every member has a default.
struct ProviderOptions {
  /// Told, by a thread that calls inventory(), what a person should hear although it goes on. May be empty.
  OnWarning on_warning = nullptr;
  HttpOptions http = {};
  /// A descriptor that ends waiting for a server with Interrupted when it becomes readable; not owned. -1:
  /// none.
  int interrupt_fd = -1;
  /// Tells how fresh a file is; nullptr: Clock::system().
  std::shared_ptr<const Clock> clock = nullptr;
};

/// An array: the inventory itself (checked at once). A string: a URL (`http://`, `https://`), or the path of
/// a file, re-read when it changes. Throws InvalidInventory for an array at fault and ProviderError for
/// anything that is neither.
std::unique_ptr<Provider> make_provider(const Json& resources, ProviderOptions options = {});

}  // namespace lockable
