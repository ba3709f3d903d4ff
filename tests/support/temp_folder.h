/// \file
/// A folder of one test's own, gone with it.
#pragma once

#include <string>

namespace lockable::testing {

class TempFolder {
 public:
  TempFolder();
  explicit TempFolder(const std::string& parent);
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file in it; returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

/// The content of a file; empty when there is none.
std::string read_text(const std::string& path);

}  // namespace lockable::testing
