// lockable: runs a command under an allocation.
#include <fmt/format.h>
#include <lockable/lockable.h>

#include <algorithm>
#include <functional>
#include <map>

#include "allocation/disabled.h"
#include "allocation/fixture.h"
#include "allocation/request.h"
#include "allocation/surrounding.h"
#include "cli/allocate.h"
#include "cli/command_line.h"
#include "cli/ctest/cases.h"
#include "cli/ctest/fixture.h"
#include "cli/environment.h"
#include "cli/events.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "cli/supervision.h"
#include "platform/child.h"
#include "platform/environment.h"
#include "platform/file.h"
#include "platform/terminal.h"
#include "platform/watchdog.h"

namespace lockable::cli {
namespace {

void warn(const std::string& text) { say("lockable: warning: {}\n", text); }

int validate(const CommandLine& line) {
  const auto provider = make_provider(line.options.resources, {line.quiet ? OnWarning() : warn});
  const auto inventory = provider->inventory(deadline_after(BootClock::now(), line.timeout));
  fmt::print("{}: valid, {} resource{}\n", inventory->source(), inventory->resources().size(),
             inventory->resources().size() == 1 ? "" : "s");
  return kSuccess;
}

// Ours, with what the options said: a program within that allocates for itself must meet us in the same
// store. An empty one: where the environment says.
std::vector<std::string> environment_within(const CommandLine& line, const std::string& store) {
  const std::string folder = "file:";
  std::map<std::string, std::string> settings = line.settings;
  const bool in_folder = store.rfind(folder, 0) == 0;
  if (!store.empty())
    settings[in_folder ? "LOCKABLE_LOCK_FOLDER" : "LOCKABLE_STORE"] =
        in_folder ? store.substr(folder.size()) : store;
  std::vector<std::string> result;
  for (const std::string& text : platform::environment()) {
    const std::string name = text.substr(0, text.find('='));
    const bool other_store = !store.empty() && (name == "LOCKABLE_STORE" || name == "LOCKABLE_LOCK_FOLDER");
    if (!other_store && settings.count(name) == 0) result.push_back(text);
  }
  for (const auto& [name, value] : settings) result.push_back(fmt::format("{}={}", name, value));
  return result;
}

// Those of the surrounding program that we do not use: they are there for the command as well.
std::vector<Json> not_ours(std::vector<Json> surrounding, const std::vector<Allocation>& allocations) {
  const auto ours = [&allocations](const Json& element) {
    return std::any_of(allocations.begin(), allocations.end(), [&element](const Allocation& allocation) {
      return allocation.alloc_id() == element.at("alloc_id");
    });
  };
  surrounding.erase(std::remove_if(surrounding.begin(), surrounding.end(), ours), surrounding.end());
  return surrounding;
}

BootClock::time_point held_until(const std::vector<Allocation>& allocations) {
  auto until = BootClock::time_point::max();
  for (const Allocation& allocation : allocations) until = std::min(until, allocation.held_until());
  return until;
}

// It acts where we cannot: while we are stopped, or were killed.
platform::WatchdogOrders watch_until(const HeldUntil& held_until) {
  platform::WatchdogOrders orders;
  orders.until = held_until;
  orders.message =
      "lockable: what the command uses may be given to others, since lockable was stopped, killed or cannot "
      "reach the cluster: ending the command";
  return orders;
}

using Watchdog = std::optional<platform::Watchdog>;

Ran run_command(const CommandLine& line, const std::vector<Allocation>& allocations, Watchdog& watchdog,
                Events& events) {
  std::vector<Json> ours;
  ours.reserve(allocations.size());
  for (const Allocation& allocation : allocations) ours.push_back(for_children(allocation));
  CommandEnvironment environment =
      command_environment(environment_within(line, allocations.front().store()), ours,
                          not_ours(surrounding_allocations(), allocations), line.bare_environment);
  if (!line.quiet)
    for (const std::string& warning : environment.warnings) say("lockable: warning: {}\n", warning);
  std::optional<platform::TemporaryFile> file;
  if (!environment.allocations.empty()) {
    file.emplace("lockable-allocations-", environment.allocations);
    environment.variables.push_back("LOCKABLE_ALLOCATIONS_FILE=" + file->path());
  }
  Task task{line.argv,           environment.variables, line.run_timeout,
            line.kill_leftovers, line.die_with_parent,  !line.ctest,
            line.quiet};
  if (watchdog) {
    watchdog->watch_marked(file ? file->path() : ours.front().at("handle").get<std::string>());
    task.held_until = [&allocations] { return held_until(allocations); };
    task.on_start = [&watchdog](int group) { watchdog->watch_group(group); };
    task.ours = watchdog->pid();
  }
  return supervise(task, events);
}

// A command that cannot be run says nothing about the resource.
Outcome outcome_of(const CommandLine& line, const Ran& ran) {
  if (ran.exit_code == kSuccess) return Outcome::kSuccess;
  const bool says_nothing = ran.told_to_end || ran.exit_code == kSkipped || ran.exit_code == line.skipped ||
                            ran.exit_code == kCannotExecute || ran.exit_code == kNoSuchCommand;
  return says_nothing ? Outcome::kUnknown : Outcome::kFailure;
}

void note_outcome(const CommandLine& line, std::vector<Allocation>& allocations, const Ran& ran) {
  const std::string what = fmt::format("{} exit code {}", line.options.command, ran.exit_code);
  for (Allocation& allocation : allocations) allocation.note_outcome(outcome_of(line, ran), what);
}

// For a list of tests nothing is held.
[[noreturn]] void list_tests(const CommandLine& line) {
  if (!line.cases.empty()) write_cases(line.cases, line.argv);
  platform::become_command(line.argv);
}

// Where we would have locked, not opened: nothing is to fail for a test that needs none of it. Empty when
// neither an option nor LOCKABLE_STORE says.
std::string store_of(const Options& options) {
  const std::string folder =
      options.lock_folder.empty() ? "" : "file:" + platform::absolute_path(options.lock_folder);
  if (options.store.empty() || folder.empty()) return options.store + folder;
  return options.store + "+" + folder;
}

// It may hold hardware by itself.
int run_without_hardware(const CommandLine& line) {
  say("lockable: allocated nothing, the test asks for none\n");
  Events events(line.die_with_parent);
  const std::vector<std::string> environment = environment_within(line, store_of(line.options));
  return supervise({line.argv, environment, line.run_timeout, line.kill_leftovers, line.die_with_parent,
                    !line.ctest, line.quiet},
                   events)
      .exit_code;
}

int skip_all(const CommandLine& line) {
  say("lockable: skipped: {}\n", kDisabled);
  return line.skipped;
}

// Another process holds it: which one, a fixture of CTest says.
std::string why_lost_adopted(const std::string& alloc_id) {
  std::string holder;
  for (const Fixture& fixture : required_fixtures())
    for (const Json& element : fixture.allocations)
      if (element.at("alloc_id") == alloc_id) holder = fmt::format(" (pid {})", fixture.holder.pid);
  return "its holder" + holder + " has ended, or its lock was removed";
}

std::string why_lost(const Allocation& allocation) {
  if (allocation.adopted()) return why_lost_adopted(allocation.alloc_id());
  if (allocation.held_until() == BootClock::time_point::max()) return "somebody removed its file";
  if (allocation.held_until() > BootClock::now())
    return "somebody removed its key from " + allocation.store();
  return allocation.store() + " did not hear of us in time";
}

int check_still_held(const std::vector<Allocation>& allocations, int exit_code) {
  for (const Allocation& allocation : allocations) {
    if (!allocation.lost()) continue;
    say("lockable: the lock on {} was lost while the command ran ({}); another program may have used it at "
        "the "
        "same time. The command ended with {}\n",
        allocation.resource_id(), why_lost(allocation), exit_code);
    exit_code = kLockLost;
  }
  return exit_code;
}

int run(const CommandLine& line) {
  Events events(line.die_with_parent);
  try {
    std::size_t said = 0;
    Watchdog watchdog;
    const Guard guard = [&watchdog](const HeldUntil& until) { watchdog.emplace(watch_until(until)); };
    std::vector<Allocation> allocations = allocate(line, events.fd(), said, guard);
    if (line.ctest) tell_ctest(allocations, said);
    const Ran ran = run_command(line, allocations, watchdog, events);
    note_outcome(line, allocations, ran);
    for (Allocation& allocation : allocations)
      allocation.unlock();  // which tells whether it was ours to the end
    return check_still_held(allocations, ran.exit_code);
  } catch (const Interrupted& interrupted) {
    const std::vector<int> signals = events.take_signals();
    if (!line.quiet) say("lockable: {}\n", interrupted.what());
    return kSignalBase + (signals.empty() ? SIGTERM : signals.front());  // no signal: our parent died
  } catch (const FixtureSkipped& error) {
    say("lockable: skipped: {}\n", error.what());
    return line.skipped;
  } catch (const ResourceNotFound& error) {
    if (!line.skip_when_missing) throw;
    say("lockable: skipped: {}\n", error.what());
    return line.skipped;
  }
}

int main_of_lockable(int argc, char** argv) try {
  platform::occupy_standard_streams();
  platform::ignore_write_signals();
  int exit_code = kSuccess;
  const auto line = read_command_line(argc, argv, exit_code);
  if (!line) return exit_code;
  if (line->validate_only) return validate(*line);
  if (line->ctest && lists_tests(line->argv)) list_tests(*line);
  if (line->fixture && line->fixture->cleanup) return release_fixture(*line);
  if (line->without_hardware) return run_without_hardware(*line);
  if (is_disabled()) return skip_all(*line);
  return line->fixture ? hold_fixture(*line) : run(*line);
} catch (...) {
  return report_exception("lockable");
}

}  // namespace
}  // namespace lockable::cli

int main(int argc, char** argv) { return lockable::cli::main_of_lockable(argc, argv); }
