/// \file
/// Why no resource matches one query. Pure.
#pragma once

#include <lockable/provider.h>
#include <lockable/requirements.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "requirements/condition.h"
#include "requirements/explain.h"

namespace lockable::requirements {

class Explanation {
 public:
  /// All must outlive it.
  Explanation(const Query& query, const std::vector<Resource>& resources, const HideSecrets& hide);

  /// At most nine lines, each after a line end: how many fail which condition and what they have instead, the
  /// nearest with what excludes them, likely mistakes.
  std::string text() const;

 private:
  void count_fails();
  std::pair<std::size_t, std::size_t> distance(std::size_t resource) const;
  std::string counts() const;
  std::string found_instead(std::size_t condition) const;
  std::string nearest() const;
  std::string hints() const;
  std::string stated(const Stated& condition) const;
  std::string found(const Stated& condition, const Json& info) const;
  Json shown(const Stated& condition, const Json& info) const;

  const std::vector<Stated>& conditions_;
  const std::vector<Resource>& resources_;
  const HideSecrets& hide_;
  std::vector<std::vector<std::size_t>> failed_;  // per resource: the conditions it fails
  std::vector<std::size_t> fails_;                // per condition: how many resources fail it
  std::vector<std::size_t> order_;                // resources, the nearest first
};

}  // namespace lockable::requirements
