#include "providers/http_settings.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

#include "platform/environment.h"
#include "platform/file.h"

namespace lockable {
namespace {

using platform::environment_variable;

std::string read(const char* what, const std::string& path) try {
  return platform::read_file(path);
} catch (const platform::SystemError& error) {
  throw ProviderError(fmt::format("{}: {}", what, error.what()));
}

void check(const char* what, const std::string& path) {
  if (!path.empty()) read(what, path);
}

// Of a file usually ends with a line end. Inside, one could smuggle a header in.
std::string checked_token(std::string token, const char* what) {
  const auto end = token.find_last_not_of(" \t\r\n");
  token.erase(end == token.npos ? 0 : end + 1);
  const bool fit =
      std::all_of(token.begin(), token.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (token.empty() || !fit)
    throw ProviderError(fmt::format("{} holds no token: one word of ASCII was expected", what));
  return token;
}

bool there(const std::string& path) try {
  return platform::status_of_path(path).regular;
} catch (const platform::SystemError&) {
  return false;
}

}  // namespace

HttpOptions with_environment(HttpOptions options) {
  if (options.token.empty() && options.token_file.empty()) {
    options.token = environment_variable("LOCKABLE_HTTP_TOKEN");
    options.token_file = environment_variable("LOCKABLE_HTTP_TOKEN_FILE");
  }
  if (options.netrc_file.empty()) options.netrc_file = environment_variable("LOCKABLE_HTTP_NETRC");
  if (options.ca_file.empty()) options.ca_file = environment_variable("LOCKABLE_HTTP_CA");
  if (options.certificate_file.empty()) {
    options.certificate_file = environment_variable("LOCKABLE_HTTP_CERT");
    if (options.key_file.empty()) options.key_file = environment_variable("LOCKABLE_HTTP_KEY");
  }
  return options;
}

net::Identification identification(const HttpOptions& options) {
  net::Identification who;
  if (!options.token.empty())
    who.bearer_token = checked_token(options.token, "LOCKABLE_HTTP_TOKEN");
  else if (!options.token_file.empty())
    who.bearer_token = checked_token(read("LOCKABLE_HTTP_TOKEN_FILE", options.token_file),
                                     "the file of LOCKABLE_HTTP_TOKEN_FILE");
  check("LOCKABLE_HTTP_NETRC", options.netrc_file);
  check("LOCKABLE_HTTP_CA", options.ca_file);
  check("LOCKABLE_HTTP_CERT", options.certificate_file);
  check("LOCKABLE_HTTP_KEY", options.key_file);
  who.netrc_file = options.netrc_file;
  who.netrc = !who.netrc_file.empty() || there(environment_variable("HOME") + "/.netrc");
  who.ca_file = options.ca_file;
  who.certificate_file = options.certificate_file;
  who.key_file = options.key_file;
  return who;
}

}  // namespace lockable
