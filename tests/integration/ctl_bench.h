/// \file
/// A bench for tests of lockablectl and the locks: two boards, and programs that hold them.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/bench.h"

namespace lockable::testing {

using Json = nlohmann::json;

class CtlBench : public Bench {
 protected:
  CtlBench() : Bench(2) { make_lock_folder(); }

  Command ctl(std::vector<std::string> arguments) const {
    Command command = lockable({});
    command.argv = {LOCKABLECTL_COMMAND};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }
  Ended run_ctl(std::vector<std::string> arguments) const { return run(ctl(std::move(arguments))); }
  Ended reserve(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"reserve", "--insist"});  // the folder of a test is in /tmp
    return run_ctl(std::move(arguments));
  }
  Json status() const { return Json::parse(run_ctl({"status", "--json"}).out); }
  void await_queue(std::size_t length) const {
    await("so many wait", [&] { return status()["queue"].size() == length; });
  }
  std::string state(std::size_t resource) const { return status()["resources"][resource]["state"]; }
  // `lockable` with a shell that has said `held` and does not outlive it.
  std::unique_ptr<Process> holder(std::vector<std::string> options, const std::string& script) const {
    options.insert(options.end(), {"--die-with-parent", "--", "sh", "-c", "echo held; " + script});
    auto process = std::make_unique<Process>(lockable(std::move(options)));
    process->await_output("held");
    return process;
  }
  Ended force(const std::string& grace = "5") const {
    return run_ctl({"release", "b1", "--force", "--grace", grace});
  }
};

}  // namespace lockable::testing
