/// \file
/// Regular expressions: PCRE2 in UTF mode, with limits. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace lockable::requirements {

/// Longer patterns are refused (MongoDB's limit).
constexpr std::size_t kLongestPattern = 32764;

/// The pattern is none; the message says why.
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Pattern {
 public:
  /// `flags`: letters among `imsx`. Throws PatternError.
  Pattern(std::string text, std::string_view flags);
  Pattern(Pattern&& other) noexcept;
  ~Pattern();

  /// Whether it matches anywhere in the subject. Bytes that are no UTF-8 match nothing. Allocates nothing
  /// after the first call of a thread. Throws InvalidRequirements naming the pattern when it takes more than
  /// kMatchLimit steps or too much memory.
  bool found_in(std::string_view subject) const;

 private:
  int search(std::string_view subject) const;
  std::string text_;
  std::unique_ptr<pcre2_real_code_8, void (*)(pcre2_real_code_8*)> code_;
  bool fast_ = false;  // compiled to machine code
};

}  // namespace lockable::requirements
