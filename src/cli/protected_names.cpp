#include "cli/protected_names.h"

#include <algorithm>
#include <array>

namespace lockable::cli {
namespace {

constexpr std::array<std::string_view, 58> kNames{
    "PATH",        "HOME",        "SHELL",       "IFS",         "ENV",      "TMPDIR",    "TMP",
    "TEMP",        "PWD",         "OLDPWD",      "USER",        "LOGNAME",  "LANG",      "LANGUAGE",
    "TERM",        "TERMINFO",    "TZ",          "DISPLAY",     "EDITOR",   "VISUAL",    "PAGER",
    "BROWSER",     "CDPATH",      "GLOBIGNORE",  "SHELLOPTS",   "BASHOPTS", "PS4",       "PROMPT_COMMAND",
    "CC",          "CXX",         "AR",          "LD",          "CFLAGS",   "CXXFLAGS",  "CPPFLAGS",
    "LDFLAGS",     "MAKEFLAGS",   "MAKE",        "MAKELEVEL",   "NLSPATH",  "LOCPATH",   "GCONV_PATH",
    "GETCONF_DIR", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "TZDIR",    "CLASSPATH", "POSIXLY_CORRECT",
    "COLUMNS",     "LINES",       "UID",         "EUID",        "PPID",     "OPTIND",    "PS1",
    "PS2",         "MAIL"};

constexpr std::array<std::string_view, 33> kPrefixes{
    "LD_",    "DYLD_",  "PYTHON", "NODE_", "GIT_",     "GTEST_", "CTEST_", "CMAKE_", "LOCKABLE_",
    "LC_",    "BASH_",  "PERL",   "RUBY",  "JAVA_",    "_JAVA_", "JDK_",   "GLIBC_", "MALLOC_",
    "XDG_",   "SSH_",   "SSL_",   "CURL_", "OPENSSL_", "ASAN_",  "UBSAN_", "TSAN_",  "LSAN_",
    "NINJA_", "CARGO_", "RUST",   "DBUS_", "KRB5",     "LLVM_"};

constexpr std::string_view kSuffix = "_PROXY";

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace

bool is_protected(std::string_view name) {
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  if (name.size() >= kSuffix.size() && name.substr(name.size() - kSuffix.size()) == kSuffix) return true;
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [name](std::string_view prefix) { return starts_with(name, prefix); });
}

}  // namespace lockable::cli
