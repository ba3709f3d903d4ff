/// \file
/// A web server of the test's own (http_server.py), which answers as the path of a URL says.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace lockable::testing {

/// Runs while it lives. Any thread may look.
class HttpServer {
 public:
  /// Serves the files of a folder, and notes its answers there. `options` as http_server.py takes them; with
  /// `--tls` its URLs are https.
  explicit HttpServer(const std::string& folder, const std::vector<std::string>& options = {});

  std::string url(const std::string& path, const std::string& user = "") const;
  int port() const { return port_; }
  /// The answers so far: objects with `path`, `status` (0: none was given) and `headers` of the request.
  std::vector<nlohmann::json> requests() const;
  /// How many had that status.
  std::size_t count(int status) const;
  /// Waits for so many with that status.
  void await_count(int status, std::size_t count) const;

 private:
  std::string folder_;
  bool tls_;
  Process process_;
  int port_ = 0;
};

/// Makes certificates in the folder: see make-certificates.
void make_certificates(const std::string& folder);

}  // namespace lockable::testing
