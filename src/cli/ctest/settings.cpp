#include "cli/ctest/settings.h"

#include <lockable/error.h>

#include "json/read_json.h"
#include "platform/file.h"

namespace lockable::cli {

CTestSettings read_ctest_settings(const std::string& path) try {
  const Json read = read_json(platform::read_file(path));
  CTestSettings settings;
  settings.cases = read.value("cases", "");
  if (settings.cases.empty() || read.contains("requirements"))
    settings.requirements = read.at("requirements").get<std::vector<std::string>>();
  settings.run_timeout = read.value("run_timeout", -1.0);
  if (read.contains("skip_return_code")) settings.skip_return_code = read["skip_return_code"].get<int>();
  settings.arguments = read.value("arguments", std::vector<std::string>());
  settings.demand = read.value("demand", "");
  if (read.contains("fixture"))
    settings.fixture = {read["fixture"].get<std::string>(), read.at("folder").get<std::string>(),
                        read.value("cleanup", false)};
  return settings;
} catch (const std::exception& error) {
  throw InvalidRequirements("settings of a CTest test in " + path + ": " + error.what());
}

}  // namespace lockable::cli
