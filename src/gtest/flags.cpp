#include "gtest/flags.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "allocation/disabled.h"
#include "platform/environment.h"
#include "platform/identity.h"

namespace lockable::gtest_internal {
namespace {

constexpr const char* kStart = "--lockable_";
constexpr const char* kDeathTest = "--gtest_internal_run_death_test=";

constexpr std::array<const char*, 12> kNames{
    "resources",  "requirements",      "timeout", "store",         "lock_folder",   "hostname",
    "on_missing", "list_requirements", "probe",   "probe_timeout", "set_aside_for", "quarantine_after"};

std::string variable_of(const std::string& name) {
  std::string variable = "LOCKABLE_" + name;
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return variable;
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (word.rfind(kDeathTest, 0) == 0) flags_.death_test_child = true;
      if (is_lockable_flag(word)) read_word(word);
    }
    // A folder given here wins over a store given there, as with the command.
    const bool other_store = values_.count("lock_folder") > 0;
    for (const std::string name : kNames) {
      const std::string value = platform::environment_variable(variable_of(name).c_str());
      if (!value.empty() && !(other_store && name == "store")) values_.emplace(name, value);
    }
  }

  Flags read() {
    flags_.options.resources = value("resources", "resources.json");
    flags_.options.store = value("store", "");
    flags_.options.lock_folder = value("lock_folder", "");
    flags_.options.hostname = value("hostname", "");
    if (values_.count("requirements") > 0) flags_.requirements = values_["requirements"];
    read_seconds("timeout", flags_.timeout);
    flags_.options.probe = value("probe", "");
    read_seconds("probe_timeout", flags_.options.probe_timeout);
    read_seconds("set_aside_for", flags_.options.set_aside_for);
    read_count("quarantine_after", flags_.options.quarantine_after);
    flags_.disabled = is_disabled();
    const std::string on_missing = value("on_missing", "fail");
    flags_.skip_when_missing = on_missing == "skip";
    if (on_missing != "skip" && on_missing != "fail")
      fail("on_missing: expected fail or skip, found '" + on_missing + "'");
    flags_.list_requirements = value("list_requirements", "0") != "0";
    flags_.list_all = value("list_requirements", "0") == "all";
    return std::move(flags_);
  }

 private:
  void read_word(const std::string& word) {
    const std::string text = word.substr(std::string(kStart).size());
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const bool known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
    if (!known || (equals == text.npos && name != "list_requirements"))
      fail((known ? "expected a value: " : "unknown flag ") + word + (known ? "=…" : ""));
    values_[name] = equals == text.npos ? "1" : text.substr(equals + 1);
  }

  void read_seconds(const std::string& name, std::chrono::nanoseconds& time) {
    if (values_.count(name) == 0) return;
    const std::string& text = values_[name];
    constexpr double kMost = 9e9;  // 285 years
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0))
      return fail(name + ": expected seconds, 0 or more, found '" + text + "'");
    time = std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(seconds, kMost) * 1e9));
  }

  void read_count(const std::string& name, int& count) {
    if (values_.count(name) == 0) return;
    const std::string& text = values_[name];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < 0)
      fail(name + ": expected a number, 0 or more, found '" + text + "'");
  }

  std::string value(const std::string& name, const std::string& otherwise) const {
    const auto known = values_.find(name);
    return known == values_.end() ? otherwise : known->second;
  }

  void fail(const std::string& problem) {
    if (flags_.problem.empty()) flags_.problem = "lockable: " + problem;
  }

  Flags flags_;
  std::map<std::string, std::string> values_;
};

}  // namespace

bool is_lockable_flag(const std::string& word) { return word.rfind(kStart, 0) == 0; }

Flags read_flags(const std::vector<std::string>& words) { return Reader(words).read(); }

const Flags& flags() {
  static const Flags instance = read_flags(platform::command_line());
  return instance;
}

}  // namespace lockable::gtest_internal
