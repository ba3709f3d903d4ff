#include "net/url.h"

#include <algorithm>
#include <string_view>

namespace lockable::net {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool starts_with(const std::string& text, std::string_view start) {
  return lower(std::string_view(text).substr(0, start.size())) == start;
}

struct Parts {
  std::string scheme;     // lower case
  std::string_view user;  // with the password; may be empty
  bool has_user = false;
  std::string_view host;  // with brackets
  std::string_view port;  // without colon
  std::string_view path;  // from the slash to the query
  bool has_query = false;
  bool well_formed = false;  // as far as we look
};

Parts split(const std::string& url) {
  Parts parts;
  const auto colon = url.find("://");
  if (colon == url.npos) return parts;
  parts.scheme = lower(std::string_view(url).substr(0, colon));
  const std::string_view rest = std::string_view(url).substr(colon + 3);
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  const auto query = std::min(rest.find_first_of("?#", authority_end), rest.size());
  parts.path = rest.substr(authority_end, query - authority_end);
  parts.has_query = query < rest.size();
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    parts.has_user = true;
    parts.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');
  const auto port = authority.find(':', bracket == authority.npos ? 0 : bracket);
  parts.host = authority.substr(0, port);
  if (port != authority.npos) parts.port = authority.substr(port + 1);
  parts.well_formed = !parts.host.empty() && parts.port.find_first_not_of("0123456789") == parts.port.npos &&
                      parts.port.size() <= 5;
  return parts;
}

}  // namespace

bool is_http_url(const std::string& text) { return starts_with(text, "http://") || is_https_url(text); }
bool is_https_url(const std::string& text) { return starts_with(text, "https://"); }

std::string shown(const std::string& url) {
  const Parts parts = split(url);
  if (!parts.well_formed) return (parts.scheme.empty() ? "" : parts.scheme + "://") + "***";
  std::string text = parts.scheme + "://" + (parts.has_user ? "***@" : "");
  // A password with a slash in it that nobody quoted: the path is then no path.
  const bool odd = parts.has_user && parts.path.find('@') != parts.path.npos;
  if (odd) return text + "***";
  text += parts.host;
  if (!parts.port.empty()) text += ":" + std::string(parts.port);
  text += parts.path;
  return text + (parts.has_query ? "?***" : "");
}

std::string origin(const std::string& url) {
  const Parts parts = split(url);
  const std::string port =
      parts.port.empty() ? (parts.scheme == "https" ? "443" : "80") : std::string(parts.port);
  return parts.scheme + "://" + lower(parts.host) + ":" + port;
}

bool has_user(const std::string& url) { return split(url).has_user; }

std::string without_user(const std::string& url) {
  const Parts parts = split(url);
  std::string result = url;
  if (parts.has_user) result.erase(parts.scheme.size() + 3, parts.user.size() + 1);
  return result;
}

std::string with_user_of(const std::string& from, const std::string& url) {
  const Parts parts = split(from);
  std::string result = without_user(url);
  if (parts.has_user) result.insert(split(result).scheme.size() + 3, std::string(parts.user) + "@");
  return result;
}

}  // namespace lockable::net
