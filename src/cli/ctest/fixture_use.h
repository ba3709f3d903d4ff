/// \file
/// Which tests of a ctest run use what fixtures hold (lockable_add_fixture()), in terms of capacity.h. Pure.
///
/// Such a test asks nothing of the inventory. It takes turns with the others at what its fixture holds, so
/// each resource that a fixture holds is one more resource, of which only tests that require it know.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lockable::cli {

class FixtureUse {
 public:
  /// What a fixture is going to ask for.
  void add(const std::string& fixture, Wants wants) { wants_[fixture] = std::move(wants); }

  /// Whether one of these is ours.
  bool knows_any(const std::vector<std::string>& fixtures) const;

  /// What a test that requires these takes of what they hold: of all, or where `wants` says what it asks for,
  /// of what could serve that. Empty when they cannot serve it: it is going to allocate for itself.
  std::optional<Wants> taken_of(const std::vector<std::string>& fixtures, const Wants* wants) const;

 private:
  std::map<std::string, Wants> wants_;
};

}  // namespace lockable::cli
