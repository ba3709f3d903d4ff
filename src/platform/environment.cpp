#include "platform/environment.h"

#include <unistd.h>

#include <cstdlib>

namespace lockable::platform {

std::string environment_variable(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
  return value == nullptr ? "" : value;
}

bool environment_switch(const char* name) {
  std::string value = environment_variable(name);
  for (char& c : value)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return !value.empty() && value != "0" && value != "false" && value != "no";
}

std::vector<std::string> environment() {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) result.emplace_back(*variable);
  return result;
}

void set_environment_variable(const char* name, const std::string& value) {
  ::setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
}

std::string temporary_folder() {
  const std::string folder = environment_variable("TMPDIR");
  return folder.empty() ? "/tmp" : folder;
}

}  // namespace lockable::platform
