#include "cli/ctest/fixture.h"

#include <lockable/error.h>

#include <algorithm>

#include "allocation/fixture.h"
#include "allocation/surrounding.h"
#include "cli/allocate.h"
#include "cli/events.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "platform/child.h"
#include "platform/environment.h"
#include "platform/folder.h"
#include "platform/identity.h"
#include "platform/left_behind.h"
#include "platform/other_process.h"
#include "platform/wakeup.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kForever = 24h * 36500;
constexpr auto kPatience = 10s;  // with a holder that is asked to end

platform::ProcessKey our_ctest() {
  const std::vector<platform::ProcessKey> ancestors = platform::ancestors();
  if (ancestors.empty()) throw Error("this system does not tell which ctest started us (/proc)");
  return ancestors.front();
}

// The file that tells this run's tests what the fixture holds.
class RunFile {
 public:
  explicit RunFile(const std::string& folder)
      : folder_(platform::Folder::make(folder)), name_(fixture_file_name(our_ctest())) {}

  std::optional<Fixture> read() const {
    const auto file = folder_.open_if_there(name_, platform::Access::kRead);
    return file ? read_fixture(platform::read_file(folder_.path_of(name_))) : std::nullopt;
  }

  // In one step; for our own eyes, since a resource may have secrets.
  void write(const Fixture& fixture) const {
    const std::string beside = name_ + ".new";
    folder_.remove(beside);
    const auto file = folder_.open_file(beside, platform::Access::kCreate, platform::OnExec::kClose, 0600);
    platform::write_whole(file.get(), fixture_text(fixture), 0, folder_.path_of(beside));
    folder_.rename(beside, name_);
  }

  void remove() const noexcept { folder_.remove(name_); }

  // Those of runs whose ctest is gone, as are their holders: killed together.
  void remove_old() const {
    for (const std::string& name : folder_.names()) {
      const auto ctest = ctest_of(name);
      if (ctest && platform::start_time(ctest->pid) != ctest->start_time) folder_.remove(name);
    }
  }

 private:
  platform::Folder folder_;
  std::string name_;
};

std::vector<Json> described(const std::vector<Allocation>& allocations) {
  std::vector<Json> result;
  result.reserve(allocations.size());
  for (const Allocation& allocation : allocations) result.push_back(for_children(allocation));
  return result;
}

std::string ids_of(const Fixture& fixture) {
  std::string ids;
  for (const Json& element : fixture.allocations)
    ids += (ids.empty() ? "" : ", ") + element.at("resource_id").get<std::string>();
  return ids;
}

// Empty when it has ended.
std::optional<platform::OtherProcess> holder_of(const Fixture& fixture) {
  auto process = platform::OtherProcess::open(fixture.holder.pid);
  if (!process || platform::start_time(fixture.holder.pid) != fixture.holder.start_time) return std::nullopt;
  return process->ended() ? std::nullopt : std::move(process);
}

// The process that is left behind.
class Holder {
 public:
  Holder(const CommandLine& line, const RunFile& file, int ctest_fd)
      : line_(line), file_(file), ctest_fd_(ctest_fd), events_(false) {}

  int run(const platform::Ready& ready) try {
    std::size_t said = 0;
    const std::vector<Allocation> allocations = get(said);
    if (platform::nobody_reads_errors()) return kSignalBase + SIGTERM;  // it died before we could watch it
    tell_ctest(allocations, said);
    const Fixture fixture{
        line_.fixture->name, described(allocations), "", {platform::self().pid, platform::self().start_time}};
    file_.write(fixture);
    ready();
    wait_for_end(fixture, allocations);
    return kSuccess;
  } catch (const Interrupted& interrupted) {
    say("lockable: {}\n", interrupted.what());
    return kSignalBase + SIGTERM;
  } catch (const ResourceNotFound& error) {
    if (!line_.skip_when_missing) return report_exception("lockable");
    say("lockable: skipped: {}\n", error.what());
    file_.write({line_.fixture->name, {}, error.what(), {}});
    return line_.skipped;
  } catch (...) {
    return report_exception("lockable");
  }

 private:
  // While we wait for hardware the test waits for us: without it, or ctest, we give up.
  std::vector<Allocation> get(std::size_t& said) const {
    const platform::Fd test = platform::watch_parent();
    platform::AnyOf interrupt;
    interrupt.add(events_.fd());
    interrupt.add(ctest_fd_);
    if (test) interrupt.add(test.get());
    return allocate(line_, interrupt.fd(), said);
  }

  void wait_for_end(const Fixture& fixture, const std::vector<Allocation>& allocations) {
    platform::Timer().wait_readable({events_.fd(), ctest_fd_}, BootClock::time_point::max());
    if (!platform::readable(ctest_fd_)) return;  // we are asked to release
    file_.remove();
    const bool lost = std::any_of(allocations.begin(), allocations.end(),
                                  [](const Allocation& allocation) { return allocation.lost(); });
    if (!lost) wait_for_users(fixture);
  }

  // When ctest is killed its tests may live on, and use what we hold. We queue behind them.
  void wait_for_users(const Fixture& fixture) const try {
    platform::set_environment_variable("LOCKABLE_FIXTURES", "");
    platform::set_environment_variable("LOCKABLE_ALLOCATIONS_FILE", "");
    platform::set_environment_variable(
        "LOCKABLE_ALLOCATIONS",
        Json(fixture.allocations).dump(-1, ' ', false, Json::error_handler_t::replace));
    Options options = line_.options;
    options.interrupt_fd = events_.fd();
    options.probe.clear();
    Lockable(options).lock_many(Requirements(requirements_of({fixture})), kForever);
  } catch (const std::exception&) {
    return;  // told to end
  }

  const CommandLine& line_;
  const RunFile& file_;
  const int ctest_fd_;
  Events events_;
};

// CTest may run it again (--repeat): what it holds then is its own.
bool holds_already(const RunFile& file) {
  const auto fixture = file.read();
  if (!fixture || !fixture->skipped.empty() || !holder_of(*fixture)) return false;
  say("lockable: the fixture {} holds {} already\n", fixture->name, ids_of(*fixture));
  return true;
}

}  // namespace

int hold_fixture(const CommandLine& line) {
  const platform::Fd ctest = platform::watch_parent();
  if (!ctest)
    throw Error("this system cannot watch a process (pidfd_open), so a fixture might be held for ever");
  const RunFile file(line.fixture->folder);
  file.remove_old();
  if (holds_already(file)) return kSuccess;
  file.remove();
  return platform::leave_behind(
      [&](const platform::Ready& ready) { return Holder(line, file, ctest.get()).run(ready); });
}

int release_fixture(const CommandLine& line) {
  const RunFile file(line.fixture->folder);
  const auto fixture = file.read();
  if (!fixture) {
    say("lockable: the fixture {} holds nothing\n", line.fixture->name);
    return kSuccess;
  }
  if (!fixture->skipped.empty()) {
    say("lockable: skipped: {}\n", fixture->skipped);
    file.remove();
    return line.skipped;
  }
  const auto holder = holder_of(*fixture);
  if (holder) {
    holder->ask_to_end();
    platform::Timer timer;
    if (!timer.wait_readable({holder->fd()}, BootClock::now() + kPatience)) holder->kill();
    timer.wait_readable({holder->fd()}, BootClock::time_point::max());
  }
  file.remove();
  if (!holder)
    throw LockLost(
        fmt::format("the fixture {} did not hold {} to its end: its holder (pid {}) had ended before",
                    fixture->name, ids_of(*fixture), fixture->holder.pid));
  say("lockable: released {}\n", ids_of(*fixture));
  return kSuccess;
}

}  // namespace lockable::cli
