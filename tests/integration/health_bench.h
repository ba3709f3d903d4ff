/// \file
/// A bench with boards that break.
#pragma once

#include <lockable/lockable.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/bench.h"

namespace lockable::testing {

using Json = nlohmann::json;

class HealthTest : public Bench {
 protected:
  HealthTest() : Bench(2) {}

  /// `lockable <arguments>` with this probe.
  Command probing(const std::string& probe, const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"--probe", probe};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return lockable(all);
  }
  /// What is said of a board that is set aside; null when it is not.
  Json aside(const std::string& id) const {
    for (const Hold& hold : store()->holders(id))
      if (hold.owner.value("set_aside", false)) return hold.owner;
    return {};
  }
  std::string note(const std::string& id) const { return aside(id).value("note", ""); }
  /// Gives a board back, as `lockablectl release` does.
  void release(const std::string& id) const { EXPECT_TRUE(store()->end_reservation(id)); }
  Command tests(const std::string& filter, std::vector<std::string> more = {}) const {
    Command command = lockable({});
    command.argv = {RADIO_TEST, "--gtest_filter=" + filter};
    command.argv.insert(command.argv.end(), more.begin(), more.end());
    command.env["LOCKABLE_TIMEOUT"] = "20";
    return command;
  }
};

}  // namespace lockable::testing
