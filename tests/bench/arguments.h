/// \file
/// Command lines of the programs here: `--name value` pairs and `--flag`s.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lockable::bench {

class Arguments {
 public:
  /// Ends the program with 64 and `usage` when a word is no known option.
  Arguments(int argc, const char* const* argv, const std::vector<std::string>& names, const char* usage) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      const auto matches = [&](const std::string& name) { return word == "--" + name; };
      if (std::none_of(names.begin(), names.end(), matches)) refuse(usage);
      const bool has_value = i + 1 < argc && std::string_view(argv[i + 1]).substr(0, 2) != "--";
      values_[std::string(word.substr(2))] = has_value ? argv[++i] : "";
    }
  }

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  std::string text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? values_.at(name) : otherwise;
  }
  /// By how much a figure may miss its target: without limit, unless `--check [TIMES]` says otherwise.
  double times() const {
    if (!has("check")) return std::numeric_limits<double>::infinity();
    return values_.at("check").empty() ? 1 : std::strtod(values_.at("check").c_str(), nullptr);
  }
  unsigned long number(const std::string& name, unsigned long otherwise) const {
    return has(name) ? std::strtoul(values_.at(name).c_str(), nullptr, 10) : otherwise;
  }

 private:
  [[noreturn]] static void refuse(const char* usage) {
    fmt::print(stderr, "usage: {}\n", usage);
    std::exit(64);
  }
  std::map<std::string, std::string> values_;
};

}  // namespace lockable::bench
