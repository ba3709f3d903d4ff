#include "requirements/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <lockable/error.h>
#include <pcre2.h>

#include <new>

#include "json/show.h"

namespace lockable::requirements {
namespace {

constexpr std::uint32_t kMatchLimit = 250'000;  // some milliseconds
constexpr std::uint32_t kDepthLimit = 100'000;
constexpr std::uint32_t kHeapLimit = 16 * 1024;  // KiB
constexpr std::size_t kShown = 200;              // bytes of a pattern in a message

std::string message_of(int error) {
  PCRE2_UCHAR buffer[256];
  const int length = pcre2_get_error_message(error, buffer, sizeof buffer);
  return length < 0 ? fmt::format("error {}", error) : std::string(buffer, buffer + length);
}

std::uint32_t options_of(std::string_view flags) {
  // Subjects may come from programs: invalid UTF-8 in them must not be undefined behaviour.
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
  for (const char flag : flags) {
    if (flag == 'i') options |= PCRE2_CASELESS;
    if (flag == 'm') options |= PCRE2_MULTILINE;
    if (flag == 's') options |= PCRE2_DOTALL;
    if (flag == 'x') options |= PCRE2_EXTENDED;
  }
  return options;
}

pcre2_code* compile(const std::string& text, std::string_view flags) {
  if (text.size() > kLongestPattern)
    throw PatternError(
        fmt::format("the pattern has {} bytes, at most {} are possible", text.size(), kLongestPattern));
  int error = 0;
  PCRE2_SIZE at = 0;
  auto* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options_of(flags),
                             &error, &at, nullptr);
  if (code != nullptr) return code;
  if (error == PCRE2_ERROR_HEAP_FAILED) throw std::bad_alloc();
  throw PatternError(fmt::format("the pattern {} is no regular expression: at byte {}, {}",
                                 show(text, kShown), at, message_of(error)));
}

// Read by all threads, written by none.
pcre2_match_context* limits() {
  static pcre2_match_context* const context = [] {
    auto* made = pcre2_match_context_create(nullptr);
    if (made == nullptr) throw std::bad_alloc();
    pcre2_set_match_limit(made, kMatchLimit);
    pcre2_set_depth_limit(made, kDepthLimit);
    pcre2_set_heap_limit(made, kHeapLimit);
    return made;
  }();
  return context;
}

// Room for what was found, one for each thread.
pcre2_match_data* room() {
  struct Free {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  };
  thread_local const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create(1, nullptr));
  if (data == nullptr) throw std::bad_alloc();
  return data.get();
}

}  // namespace

Pattern::Pattern(std::string text, std::string_view flags)
    : text_(std::move(text)), code_(compile(text_, flags), pcre2_code_free_8) {
  fast_ = pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE) == 0;
}

Pattern::Pattern(Pattern&& other) noexcept = default;
Pattern::~Pattern() = default;

int Pattern::search(std::string_view subject) const {
  const auto* start = reinterpret_cast<PCRE2_SPTR>(subject.data());
  if (fast_) {
    const int found = pcre2_jit_match(code_.get(), start, subject.size(), 0, 0, room(), limits());
    if (found != PCRE2_ERROR_JIT_STACKLIMIT) return found;
  }
  return pcre2_match(code_.get(), start, subject.size(), 0, PCRE2_NO_JIT, room(), limits());
}

bool Pattern::found_in(std::string_view subject) const {
  const int found = search(subject);
  if (found >= 0) return true;
  if (found == PCRE2_ERROR_NOMATCH || found == PCRE2_ERROR_PARTIAL) return false;
  const bool limited =
      found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT || found == PCRE2_ERROR_HEAPLIMIT;
  throw InvalidRequirements(fmt::format("requirements, $regex: the pattern {} {} on a value of {} bytes: {}",
                                        show(text_, kShown),
                                        limited ? "takes too long or too much memory" : "cannot be matched",
                                        subject.size(), message_of(found)));
}

}  // namespace lockable::requirements
