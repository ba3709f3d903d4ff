/// \file
/// Requests over HTTP and HTTPS: blocking, with limits, and to be cancelled from outside.
#pragma once

#include <lockable/clock.h>
#include <lockable/error.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lockable::net {

/// Whether the same request may have more luck in a moment.
enum class Trouble { kPassing, kLasting };

/// No answer was had, or none that can be used. The message does not name the address (callers do, see
/// shown()) and holds no secret.
class HttpError : public Error {
 public:
  HttpError(const std::string& what, Trouble trouble,
            std::optional<std::chrono::seconds> retry_after = std::nullopt)
      : Error(what), trouble_(trouble), retry_after_(retry_after) {}
  Trouble trouble() const { return trouble_; }
  /// How long the server wants to be left alone.
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

 private:
  Trouble trouble_;
  std::optional<std::chrono::seconds> retry_after_;
};

/// Whom we trust, and how we prove who we are: to the server first asked only, never to one it redirects to.
struct Identification {
  std::string bearer_token;      ///< wins over a user in the URL, which wins over netrc
  bool netrc = false;            ///< look up user and password in netrc_file
  std::string netrc_file;        ///< empty: ~/.netrc
  std::string ca_file;           ///< PEM; instead of the system's authorities
  std::string certificate_file;  ///< PEM; our own
  std::string key_file;          ///< PEM; empty: in certificate_file
  /// Where a user says that, for messages.
  const char* ca_setting = "LOCKABLE_HTTP_CA";
  const char* certificate_setting = "LOCKABLE_HTTP_CERT";
};

struct Limits {
  std::chrono::nanoseconds connect = std::chrono::seconds(10);  ///< name, connection and TLS
  std::chrono::nanoseconds total = std::chrono::seconds(60);    ///< redirects included
  std::size_t size = std::size_t{64} << 20;                     ///< of the body, decompressed
  int redirects = 5;
};

struct Request {
  std::string url;  ///< http:// or https://
  std::string method = "GET";
  std::vector<std::string> headers;  ///< `Name: value`
  std::string body;                  ///< sent unless the method is GET
  Identification identification;
  Limits limits;
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< of the last answer; names in lower case
  std::string body;
  std::optional<std::chrono::seconds> retry_after;  ///< from now
};

/// Sends the request and waits for the whole answer, whatever its status; a GET follows redirects. Proxies
/// are those of the environment, as libcurl reads it. Blocks until `deadline` at most. Throws HttpError, and
/// Interrupted when `interrupt_fd` (unless -1) becomes readable. Keeps nothing open between calls. Any
/// thread.
Response send(const Request& request, BootClock::time_point deadline, int interrupt_fd);

}  // namespace lockable::net
