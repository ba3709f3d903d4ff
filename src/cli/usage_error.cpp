#include "cli/usage_error.h"

#include "platform/environment.h"

namespace lockable::cli {

CLI::ParseError named_by_origin(const CLI::App& command, const CLI::ParseError& error) {
  const std::string text = error.what();
  const auto colon = text.find(": ");
  const CLI::Option* const option = command.get_option_no_throw(text.substr(0, colon));
  if (colon == text.npos || option == nullptr || option->get_envname().empty()) return error;
  // CLI11 asks the environment only for what was not given, and does not tell.
  const std::string& variable = option->get_envname();
  const std::string value = platform::environment_variable(variable.c_str());
  if (value.empty() || option->results() != std::vector<std::string>{value}) return error;
  return {variable + text.substr(colon), error.get_exit_code()};
}

}  // namespace lockable::cli
