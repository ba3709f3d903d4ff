#include "cli/ctest/cases.h"

#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>

#include "json/read_json.h"
#include "platform/environment.h"
#include "platform/file.h"
#include "platform/replace_file.h"
#include "platform/run.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* kList = "--gtest_list_tests";
constexpr const char* kFilter = "--gtest_filter=";
constexpr std::size_t kLongestAnswer = std::size_t{64} * 1024 * 1024;

// A program that knows nothing of us runs no test.
std::vector<std::string> asking(const std::vector<std::string>& list_command) {
  std::vector<std::string> words;
  for (const std::string& word : list_command)
    if (word != kList && !names_case(word)) words.push_back(word);
  words.push_back(std::string(kFilter) + "-*");
  return words;
}

// The program may have printed something before.
Json answer_in(const std::string& output) {
  const auto end = output.find_last_not_of("\r\n");
  if (end == output.npos) return Json::object();
  const auto before = output.find_last_of('\n', end);
  const auto start = before == output.npos ? 0 : before + 1;
  if (output[start] != '{') return Json::object();
  try {
    return read_json(std::string_view(output).substr(start, end + 1 - start));
  } catch (const SyntaxError&) {
    return Json::object();
  }
}

}  // namespace

bool lists_tests(const std::vector<std::string>& command) {
  return std::find(command.begin(), command.end(), kList) != command.end();
}

void write_cases(const std::string& cases, const std::vector<std::string>& list_command) {
  platform::RunCommand command;
  command.argv = asking(list_command);
  command.environment = platform::environment();
  command.environment.emplace_back("LOCKABLE_LIST_REQUIREMENTS=all");
  command.until = BootClock::now() + 1min;
  command.keep = kLongestAnswer;
  const platform::RunResult ran = platform::run_to_end(command);
  if (ran.end != platform::RunResult::End::kByItself || ran.exit_code != 0)
    throw Error(fmt::format("{} does not tell what its tests require (exit code {}): {}",
                            list_command.front(), ran.exit_code, ran.output.substr(0, 1000)));
  platform::replace_file(cases, answer_in(ran.output).dump(0) + "\n");
}

bool names_case(const std::string& word) { return word.rfind(kFilter, 0) == 0; }

Cases::Cases(const std::string& path) try : all_(read_json(platform::read_file(path))) {
} catch (const platform::SystemError& error) {
  throw InvalidRequirements(std::string(error.what()) +
                            ": build the program again, so that its tests are listed");
} catch (const SyntaxError& error) {
  throw InvalidRequirements(path + ": " + error.what());
}

std::optional<std::string> Cases::requirements_of(const std::vector<std::string>& command) const {
  const auto filter = std::find_if(command.begin(), command.end(), names_case);
  if (filter == command.end()) return std::nullopt;
  const auto found = all_.find(filter->substr(std::string(kFilter).size()));
  // What cannot be worked out the test itself will report.
  if (found == all_.end() || found->contains("error")) return std::nullopt;
  return found->dump();
}

}  // namespace lockable::cli
