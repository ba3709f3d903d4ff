/// \file
/// A bench whose inventory is behind a URL.
#pragma once

#include <string>
#include <vector>

#include "support/bench.h"
#include "support/http_server.h"

namespace lockable::testing {

class HttpBench : public Bench {
 protected:
  explicit HttpBench(int boards = 1) : Bench(boards) {}

  /// `lockable --resources URL <arguments>`, without settings of the person who runs the tests.
  Command lockable_with(const std::string& url, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--resources", url});
    Command command = lockable(std::move(arguments));
    for (const char* proxy : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"})
      command.env[proxy] = "";
    command.env["HOME"] = folder_.path();
    return command;
  }
  /// Asks the URL for a board, with so much time, and prints its id.
  Ended ask(const std::string& url, const std::string& timeout = "20") const {
    return run(lockable_with(url, {"--timeout", timeout, "--", "sh", "-c", "echo $ID"}));
  }
};

}  // namespace lockable::testing
