#include <fmt/format.h>
#include <lockable/error.h>

#include <algorithm>
#include <cstdio>

#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/ctl/junit_text.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "platform/file.h"
#include "platform/replace_file.h"

namespace lockable::cli {
namespace {

constexpr const char* kStandard = "-";  // input or output

struct Wanted {
  std::vector<std::string> files;
  std::string output;
  bool json = false;
};

std::string target_of(const Wanted& wanted, const std::string& file) {
  return wanted.output.empty() ? file : wanted.output;
}

// What cannot be meant; empty when there is nothing.
std::string mistake(const Wanted& wanted) {
  if (!wanted.output.empty() && wanted.files.size() > 1) return "--output is for one file";
  const auto to_standard = [&wanted](const std::string& file) {
    return target_of(wanted, file) == kStandard;
  };
  if (wanted.json && std::any_of(wanted.files.begin(), wanted.files.end(), to_standard))
    return "standard output is either for the report or for --json: write the report with --output FILE";
  return "";
}

// A report that has all its properties is not written anew.
void write(const Report& report, const std::string& old, const std::string& file, const std::string& target) {
  if (target == kStandard) {
    const bool written = std::fwrite(report.text.data(), 1, report.text.size(), stdout) == report.text.size();
    if (!written || std::fflush(stdout) != 0) throw Error("cannot write to standard output");
  } else if (target != file || report.text != old) {
    platform::replace_file(target, report.text);
  }
}

Report do_file(const Wanted& wanted, const std::string& file) {
  const std::string text = file == kStandard ? platform::read_standard_input() : platform::read_file(file);
  Report report = add_hardware(text);
  write(report, text, file, target_of(wanted, file));
  return report;
}

Json to_json(const HeldTest& held) {
  return {{"test", held.test},
          {"resources", held.resources},
          {"host", held.host.empty() ? Json() : Json(held.host)},
          {"queue_time_ms", held.queue_time_ms ? Json(*held.queue_time_ms) : Json()},
          {"alloc_ids", held.alloc_ids}};
}

class Command {
 public:
  explicit Command(const Wanted& wanted) : wanted_(wanted) {}

  int run() {
    for (const std::string& file : wanted_.files) try {
        tell(file, do_file(wanted_, file));
      } catch (const InvalidReport& error) {
        fail(file, fmt::format("{}: {}", name(file), error.what()), kInvalidData);
      } catch (const std::exception& error) {
        fail(file, error.what(), kUnreachable);
      }
    if (wanted_.json) print_json(found_);
    return exit_code_;
  }

 private:
  static std::string name(const std::string& file) { return file == kStandard ? "standard input" : file; }

  void tell(const std::string& file, const Report& report) {
    Json tests = Json::array();
    for (const HeldTest& held : report.held) tests.push_back(to_json(held));
    found_.push_back({{"file", file}, {"tests", tests}});
    if (!wanted_.json && target_of(wanted_, file) != kStandard)
      fmt::print("{}: {} of {} test cases held hardware\n", target_of(wanted_, file), report.held.size(),
                 report.tests);
  }

  // The first one decides; the others are done all the same.
  void fail(const std::string& file, const std::string& problem, ExitCode code) {
    say("lockablectl: {}\n", problem);
    found_.push_back({{"file", file}, {"error", problem}});
    if (exit_code_ == kSuccess) exit_code_ = code;
  }

  const Wanted& wanted_;
  Json found_ = Json::array();
  int exit_code_ = kSuccess;
};

int junit(const Wanted& wanted) {
  const std::string problem = mistake(wanted);
  if (problem.empty()) return Command(wanted).run();
  say("lockablectl: {}\n", problem);
  return kUsage;
}

}  // namespace

void add_junit(CLI::App& app, int& exit_code) {
  const auto wanted = std::make_shared<Wanted>();
  CLI::App* command = app.add_subcommand(
      "junit",
      "Puts the hardware that tests held into JUnit reports of ctest --output-junit or GoogleTest, in place");
  command->add_option("files", wanted->files, "The reports; - is standard input, written to standard output")
      ->required();
  command->add_option("--output", wanted->output,
                      "Write there instead (one report only); - is standard output");
  command->add_flag("--json", wanted->json, "Print what was found as JSON");
  command->callback([wanted, &exit_code] { exit_code = junit(*wanted); });
}

}  // namespace lockable::cli
