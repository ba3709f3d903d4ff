#include "allocation/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "allocation/request.h"
#include "allocation/variables.h"
#include "json/one_line.h"
#include "json/secrets.h"
#include "platform/environment.h"
#include "platform/run.h"

namespace lockable {
namespace {

constexpr std::size_t kLongestLine = 300;
constexpr const char* kPrefix = "LOCKABLE_RESOURCE_";

// Of a surrounding program's resources nothing is left: the probe is about this one.
bool about_another(const std::string& name) {
  return name.rfind(kPrefix, 0) == 0 || name.rfind("LOCKABLE_ROLE_", 0) == 0;
}

std::vector<std::string> environment_for(const Json& resource) {
  std::vector<std::string> result;
  for (std::string& variable : platform::environment())
    if (!about_another(variable.substr(0, variable.find('=')))) result.push_back(std::move(variable));
  for (const Variable& variable : variables_of(resource, kPrefix))
    if (why_not_exported(variable).empty()) result.push_back(variable.name + "=" + variable.value);
  return result;
}

void hide(const std::string& secret, std::string& text) {
  if (secret.empty()) return;
  constexpr const char* kHidden = "***";
  for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), kHidden);
}

// What `shown` no longer says of `whole`.
void hide_secrets(const Json& whole, const Json& shown, std::string& text) {
  if (whole == shown) return;
  if (whole.is_structured() && shown.is_structured()) {
    auto other = shown.begin();
    for (auto value = whole.begin(); value != whole.end(); ++value, ++other)
      hide_secrets(*value, *other, text);
  } else if (whole.is_structured()) {
    for (const Json& value : whole) hide_secrets(value, nullptr, text);
  } else {
    hide(variable_text(whole), text);
  }
}

// Without spaces around it; of lines that say something.
std::string last_line(std::string_view text) {
  constexpr const char* kSpaces = " \t\r\n";
  text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
  text.remove_prefix(text.find_last_of('\n') + 1);
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  const std::string line = one_line(text.substr(0, kLongestLine));
  return text.size() > kLongestLine ? line + "…" : line;
}

}  // namespace

std::string probe(const Options& options, const std::string& resource_id, const Json& resource) {
  platform::RunCommand command;
  command.argv = {"/bin/sh", "-c", options.probe};
  command.environment = environment_for(resource);
  command.until = deadline_after(BootClock::now(), options.probe_timeout);
  command.interrupt_fd = options.interrupt_fd;
  platform::RunResult result = platform::run_to_end(command);
  if (result.end == platform::RunResult::End::kInterrupted)
    throw Interrupted("interrupted while " + resource_id + " was probed");
  if (result.end == platform::RunResult::End::kByItself && result.exit_code == 0) return "";
  std::string why =
      result.end == platform::RunResult::End::kTooLate
          ? fmt::format("no end within {:g} s", std::chrono::duration<double>(options.probe_timeout).count())
          : fmt::format("exit code {}", result.exit_code);
  hide_secrets(resource, redacted(resource, options.secret_keys), result.output);
  const std::string line = last_line(result.output);
  return line.empty() ? why : why + ": " + line;
}

}  // namespace lockable
