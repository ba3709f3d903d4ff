#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "allocation/fixture.h"
#include "cli/ctest/cases.h"
#include "cli/ctest/demand.h"
#include "cli/ctest/settings.h"
#include "cli/exit_code.h"
#include "cli/integers.h"
#include "cli/seconds.h"
#include "cli/store_options.h"
#include "cli/usage_error.h"
#include "platform/environment.h"
#include "platform/file.h"

namespace lockable::cli {
namespace {

constexpr const char* kDescription = "Runs a command while it holds resources that match the requirements.";
constexpr const char* kFooter =
    "Words before any `--` are joined by spaces and run by the shell, so that `echo using $ID` works;\n"
    "after `--` the command is run as it is. Each option with a value takes its default from the "
    "environment:\n"
    "LOCKABLE_RESOURCES, LOCKABLE_LOCK_FOLDER and so on.\n\n"
    "An inventory behind a URL: LOCKABLE_HTTP_TOKEN or LOCKABLE_HTTP_TOKEN_FILE (bearer token),\n"
    "LOCKABLE_HTTP_NETRC (users and passwords; default ~/.netrc), LOCKABLE_HTTP_CA (whom to trust),\n"
    "LOCKABLE_HTTP_CERT and LOCKABLE_HTTP_KEY (our own certificate) name what it needs.\n\n"
    "Exit codes: the command's own; 128+n for signal n; 64 usage; 65 invalid inventory or requirements;\n"
    "69 no such resource; 70 lock lost; 71 deadlock; 72 all that match set aside; 73 lock folder not\n"
    "usable; 74 inventory or store unreachable; 75 timeout; 77 skipped; 124 run timeout; 126 command not\n"
    "executable; 127 no such command.";

/// The values as CLI11 delivers them.
struct Raw {
  std::string resources = "./resources.json";
  std::vector<std::string> requirements;
  std::string on_missing = "fail";
  double timeout = std::chrono::duration<double>(Lockable::kDefaultTimeout).count();
  double run_timeout = -1;
  double probe_timeout = std::chrono::duration<double>(Options().probe_timeout).count();
  double set_aside_for = std::chrono::duration<double>(Options().set_aside_for).count();
  bool no_inherit = false;
  bool no_bare_env = false;
  std::string ctest_settings;
  int skipped = kSkipped;
};

std::string wrong_on_missing(const std::string& text) {
  return text == "fail" || text == "skip" ? "" : "expected fail or skip, found '" + text + "'";
}

void add_options(CLI::App& app, CommandLine& line, Raw& raw) {
  Options& options = line.options;
  app.add_flag("--validate-only", line.validate_only, "Only check the inventory and the requirements");
  app.add_option("--resources", raw.resources, "Inventory: a JSON file, or the URL of one")
      ->envname("LOCKABLE_RESOURCES")
      ->capture_default_str();
  app.add_option(
         "--requirements", raw.requirements,
         "What the resource must be like: key=value&key2=value2 or JSON; repeat it for several resources")
      ->envname("LOCKABLE_REQUIREMENTS")
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--timeout", raw.timeout, "How long to wait for it; 0 tries once")
      ->envname("LOCKABLE_TIMEOUT")
      ->check(seconds_check())
      ->capture_default_str();
  app.add_option("--hostname", options.hostname, "Instead of this machine's name")
      ->envname("LOCKABLE_HOSTNAME");
  app.add_option("--priority", options.priority, "Higher goes first among those who wait")
      ->envname("LOCKABLE_PRIORITY")
      ->check(integer_check());
  app.add_option("--on-missing", raw.on_missing,
                 "When nothing in the inventory matches: fail (69) or skip (77)")
      ->envname("LOCKABLE_ON_MISSING")
      ->check(CLI::Validator(wrong_on_missing, "{fail,skip}"))
      ->capture_default_str();
  app.add_option("--note", options.note, "Free text for those who wait [the CI job's URL]")
      ->envname("LOCKABLE_NOTE");
}

void add_health_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--probe", options.probe,
                 "Shell command that must succeed on a resource (LOCKABLE_RESOURCE_ID and so on) first, "
                 "else it is set aside and the next one is tried")
      ->envname("LOCKABLE_PROBE");
  app.add_option("--probe-timeout", raw.probe_timeout, "So long a probe may take")
      ->envname("LOCKABLE_PROBE_TIMEOUT")
      ->check(seconds_check())
      ->capture_default_str();
  app.add_option("--set-aside-for", raw.set_aside_for, "How long a resource that failed it is set aside")
      ->envname("LOCKABLE_SET_ASIDE_FOR")
      ->check(seconds_check())
      ->capture_default_str();
  app.add_option("--quarantine-after", options.quarantine_after,
                 "Set a resource aside for good after so many failed commands or dead owners in a row; 0: "
                 "never")
      ->envname("LOCKABLE_QUARANTINE_AFTER")
      ->check(count_check())
      ->capture_default_str();
}

void add_process_options(CLI::App& app, CommandLine& line, Raw& raw) {
  app.add_option("--run-timeout", raw.run_timeout, "End the command so long after the allocation (124)")
      ->envname("LOCKABLE_RUN_TIMEOUT")
      ->check(seconds_check());
  app.add_flag("--no-inherit", raw.no_inherit,
               "The command does not inherit the lock: killing lockable frees it");
  app.add_flag("--kill-leftovers", line.kill_leftovers,
               "End what the command left running before the release");
  app.add_flag("--die-with-parent", line.die_with_parent, "End the command when our parent process dies");
  app.add_flag("--no-bare-env", raw.no_bare_env, "Set LOCKABLE_… variables only, not ID, SERIAL and so on");
  app.add_option("--ctest", raw.ctest_settings,
                 "Run as a test of CTest, whose settings are in this file (lockable_add_test writes it); the "
                 "first option");
  app.add_flag("--quiet", line.quiet, "Say nothing but errors");
}

// CLI11 takes the next word for the value of `--note=`; here it is empty. As CLI11 wants them: the last
// first.
std::vector<std::string> words_for(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> words;
  int i = 1;
  for (; i < argc && argv[i][0] == '-' && std::string(argv[i]) != "--"; ++i) {
    const std::string word = argv[i];
    const auto equals = word.find('=');
    const CLI::Option* const option = app.get_option_no_throw(word.substr(0, equals));
    const bool valued = option != nullptr && option->get_items_expected_min() > 0;
    if (valued && equals + 1 == word.size()) {
      words.insert(words.end(), {word.substr(0, equals), ""});
      continue;
    }
    words.push_back(word);
    if (valued && equals == word.npos && i + 1 < argc) words.emplace_back(argv[++i]);
  }
  words.insert(words.end(), argv + i, argv + argc);
  std::reverse(words.begin(), words.end());
  return words;
}

// After `--` the words are the command; else they are joined for the shell.
std::vector<std::string> command_of(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  if (words.front() == "--") return {words.begin() + 1, words.end()};
  if (words.front().rfind('-', 0) == 0) throw CLI::ExtrasError({"unknown option " + words.front()});
  return {"/bin/sh", "-c", fmt::format("{}", fmt::join(words, " "))};
}

// For those who wait: the program, without its arguments, which may hold secrets.
std::string name_of(const std::vector<std::string>& words) {
  if (words.empty() || words == std::vector<std::string>{"--"}) return "";
  const bool by_shell = words.front() != "--";
  std::string name = by_shell ? words.front().substr(0, words.front().find(' ')) : words[1];
  if (by_shell && name.find_first_of("=;|&$()<>'\"`\\\n") != name.npos) return "sh";
  return name.substr(name.find_last_of('/') + 1);
}

// A test that requires fixtures and says nothing of its own takes what they hold.
void take_from_fixtures(const CommandLine& line, Raw& raw) {
  if (line.asks_nothing) raw.requirements = requirements_of(required_fixtures());
}

void become_fixture(const FixtureTask& fixture, CommandLine& line) {
  line.fixture = fixture;
  line.options.command = "ctest fixture";
  line.options.current_test = [name = fixture.name] { return name; };
}

// They replace what the options say.
void apply(const CTestSettings& settings, Raw& raw, CommandLine& line) {
  line.ctest = true;
  line.cases = settings.cases;
  line.options.demand = read_demand(settings.demand);
  if (settings.requirements) raw.requirements = *settings.requirements;
  raw.run_timeout = settings.run_timeout;
  raw.skipped = settings.skip_return_code.value_or(kSkipped);
  if (settings.fixture) return become_fixture(*settings.fixture, line);
  line.asks_nothing = settings.cases.empty() && raw.requirements.empty();
  take_from_fixtures(line, raw);
  if (settings.cases.empty() || lists_tests(line.argv)) return;
  const auto declared = Cases(settings.cases).requirements_of(line.argv);
  if (declared) raw.requirements = {*declared};
  line.without_hardware = !declared && !settings.requirements;
}

// The words in the settings of a CTest test stand behind `--ctest <file>`, which comes first then.
std::vector<const char*> with_words_of(const CTestSettings& settings, int argc, const char* const* argv) {
  std::vector<const char*> words(argv, argv + 3);
  for (const std::string& word : settings.arguments) words.push_back(word.c_str());
  words.insert(words.end(), argv + 3, argv + argc);
  return words;
}

// What programs within are to find. Whoever holds all its hardware itself waits for it as we were told to.
void tell_program(const CLI::App& app, CommandLine& line) {
  if (app.count("--resources") > 0) {
    const std::string& resources = line.options.resources.get_ref<const std::string&>();
    const bool url = resources.find("://") != std::string::npos;
    line.settings["LOCKABLE_RESOURCES"] = url ? resources : platform::absolute_path(resources);
  }
  if (!line.options.hostname.empty()) line.settings["LOCKABLE_HOSTNAME"] = line.options.hostname;
  if (!line.without_hardware) return;
  for (const char* name : {"--timeout", "--priority", "--on-missing"})
    if (const CLI::Option* option = app.get_option(name); option->count() > 0)
      line.settings[option->get_envname()] = option->results().back();
}

}  // namespace

std::optional<CommandLine> read_command_line(int argc, const char* const* argv, int& exit_code) {
  CommandLine line;
  Raw raw;
  std::optional<CTestSettings> settings;
  std::vector<const char*> words(argv, argv + argc);
  if (argc > 2 && std::string(argv[1]) == "--ctest") {
    settings = read_ctest_settings(argv[2]);
    words = with_words_of(*settings, argc, argv);
  }
  CLI::App app{kDescription, "lockable"};
  app.footer(kFooter);
  app.set_version_flag("--version", "lockable " LOCKABLE_VERSION);
  app.prefix_command();
  add_options(app, line, raw);
  add_store_options(app, line.options.lock_folder, line.options.store);
  add_health_options(app, line.options, raw);
  add_process_options(app, line, raw);
  try {
    app.parse(words_for(app, static_cast<int>(words.size()), words.data()));
    if (!settings && !raw.ctest_settings.empty())
      throw CLI::ValidationError("--ctest", "must be the first option");
    line.argv = command_of(app.remaining());
    line.options.command = name_of(app.remaining());
    const bool needs_command = !line.validate_only && !(settings && settings->fixture);
    if (line.argv.empty() && needs_command) throw CLI::RequiredError("a command");
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(named_by_origin(app, error)) == 0 ? kSuccess : kUsage;
    return std::nullopt;
  }
  if (settings) apply(*settings, raw, line);
  line.options.resources = raw.resources;
  tell_program(app, line);
  line.options.inheritable = !raw.no_inherit;
  line.requirements =
      Requirements(raw.requirements.empty() ? std::vector<std::string>{""} : raw.requirements);
  line.timeout = nanoseconds(raw.timeout);
  line.options.probe_timeout = nanoseconds(raw.probe_timeout);
  line.options.set_aside_for = nanoseconds(raw.set_aside_for);
  if (raw.run_timeout >= 0) line.run_timeout = nanoseconds(raw.run_timeout);
  line.skip_when_missing = raw.on_missing == "skip";
  line.skipped = raw.skipped;
  line.bare_environment = !raw.no_bare_env;
  if (line.options.store.empty() && line.options.lock_folder.empty())
    line.options.store = platform::environment_variable("LOCKABLE_STORE");
  return line;
}

}  // namespace lockable::cli
