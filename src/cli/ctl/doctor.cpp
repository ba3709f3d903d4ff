#include <fmt/format.h>
#include <lockable/lockable.h>

#include <algorithm>

#include "allocation/diagnosis.h"
#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/exit_code.h"
#include "json/one_line.h"

namespace lockable::cli {
namespace {

using Kind = Finding::Kind;

struct Report {
  std::vector<Finding> findings;
  ExitCode code = kSuccess;  // of the first problem

  void add(Kind kind, const std::string& text, ExitCode problem = kUnreachable) {
    findings.push_back({kind, text});
    if (kind == Kind::kProblem && code == kSuccess) code = problem;
  }
};

const char* name_of(Kind kind) {
  return kind == Kind::kGood ? "good" : kind == Kind::kDoubt ? "doubt" : "problem";
}

void look_at_inventory(const AskedStore& asked, Report& report) try {
  const auto started = BootClock::now();
  const auto inventory = read_inventory(asked);
  const std::chrono::duration<double, std::milli> took = BootClock::now() - started;
  const std::size_t count = inventory->resources().size();
  report.add(count > 0 ? Kind::kGood : Kind::kDoubt,
             fmt::format("inventory {}: {} resource{}, read in {:.1f} ms", inventory->source(), count,
                         count == 1 ? "" : "s", took.count()));
  for (const std::string& doubt : doubts(*inventory))
    report.add(Kind::kDoubt, fmt::format("inventory {}: {}", inventory->source(), doubt));
} catch (const InvalidInventory& error) {
  report.add(Kind::kProblem, error.what(), kInvalidData);
} catch (const Error& error) {
  report.add(Kind::kProblem, error.what());
}

void look_at_store(const AskedStore& asked, Report& report) try {
  Options quiet = store_options(asked);
  quiet.resources = Json::array();
  if (const std::string missing = missing_folder(quiet); !missing.empty())
    return report.add(Kind::kDoubt, missing);
  for (const Finding& finding : Lockable(quiet).store().examine()) report.add(finding.kind, finding.text);
} catch (const LockFolderError& error) {
  report.add(Kind::kProblem, error.what(), kLockFolder);
} catch (const Error& error) {
  report.add(Kind::kProblem, error.what());
}

int doctor(const AskedStore& asked) {
  Report report;
  look_at_inventory(asked, report);
  look_at_store(asked, report);
  Json all = Json::array();
  for (const Finding& finding : report.findings) {
    all.push_back({{"kind", name_of(finding.kind)}, {"text", finding.text}});
    if (!asked.json) fmt::print("{:<8} {}\n", name_of(finding.kind), one_line(finding.text));
  }
  if (asked.json) print_json({{"healthy", report.code == kSuccess}, {"findings", all}});
  return report.code;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<AskedStore>();
  add_store_command(app, "doctor", "Looks whether inventory and lock store can do their work", *asked)
      ->callback([asked, &exit_code] { exit_code = doctor(*asked); });
}

}  // namespace lockable::cli
