/// \file
/// Asking a URL for an inventory.
#pragma once

#include <lockable/provider.h>

#include <chrono>
#include <optional>
#include <string>

#include "net/http.h"

namespace lockable {

/// By which the server recognises what we have (ETag, Last-Modified).
struct Validators {
  std::string etag;
  std::string last_modified;
};

struct HttpAnswer {
  std::optional<std::string> text;  ///< nothing: what the validators stand for still holds
  Validators validators;            ///< of what holds now
};

/// No inventory from there. Names the URL without secrets.
class HttpSourceError : public ProviderError {
 public:
  HttpSourceError(const std::string& what, std::chrono::nanoseconds retry_after)
      : ProviderError(what), retry_after_(retry_after) {}
  /// How long the server wants to be left alone; 0: it does not say.
  std::chrono::nanoseconds retry_after() const { return retry_after_; }

 private:
  std::chrono::nanoseconds retry_after_;
};

/// Immutable: any thread may ask.
class HttpSource {
 public:
  /// Options that are empty are taken from the environment, here.
  HttpSource(std::string url, const HttpOptions& options);

  /// The URL without its secrets.
  const std::string& name() const { return name_; }

  enum class Tries { kOne, kSeveral };
  /// Blocks until `deadline` at most; when that has passed, makes one short attempt. `on_waiting` is told
  /// before each wait for another try. Throws HttpSourceError, ProviderError (a file of the options that is
  /// missing), Interrupted.
  HttpAnswer ask(const Validators& known, BootClock::time_point deadline, int interrupt_fd, Tries tries,
                 const OnWarning& on_waiting) const;

 private:
  net::Request request(const Validators& known) const;
  net::Response send(const net::Request& request, BootClock::time_point deadline, int interrupt_fd,
                     int retries, const OnWarning& on_waiting) const;
  HttpAnswer read(net::Response response, const Validators& known) const;
  [[noreturn]] void fail(const std::string& what, std::chrono::nanoseconds retry_after = {}) const;

  const std::string url_;
  const std::string name_;
  const HttpOptions options_;
};

}  // namespace lockable
