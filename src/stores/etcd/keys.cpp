#include "stores/etcd/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace lockable::etcd {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

std::string escaped(const std::string& id) {
  std::string text;
  for (const char c : id)
    text += is_plain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return text;
}

std::string unescaped(const std::string& text) {
  std::string id;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      id += text[i];
      continue;
    }
    id += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
    i += 2;
  }
  return id;
}

}  // namespace

std::string Names::held(const std::string& id) const { return start_ + "held/" + escaped(id) + "/"; }
std::string Names::used(const std::string& id) const { return start_ + "used/" + escaped(id); }
std::string Names::failures(const std::string& id) const { return start_ + "failures/" + escaped(id); }

std::optional<std::string> Names::resource_of(const std::string& key) const {
  if (key.rfind(start_, 0) != 0) return std::nullopt;
  const auto slash = key.find('/', start_.size());
  if (slash == key.npos) return std::nullopt;
  const auto end = std::min(key.find('/', slash + 1), key.size());
  return unescaped(key.substr(slash + 1, end - slash - 1));
}

std::string Names::ticket_of(const std::string& key) const { return key.substr(key.rfind('/') + 1); }

}  // namespace lockable::etcd
