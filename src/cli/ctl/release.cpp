#include <fmt/format.h>
#include <lockable/lockable.h>

#include <algorithm>

#include "allocation/owner.h"
#include "allocation/wake_next.h"
#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/ctl/end_holders.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "cli/seconds.h"
#include "json/one_line.h"
#include "json/show.h"
#include "platform/identity.h"
#include "platform/wakeup.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongest = 5s;
constexpr auto kTryAgain = 2ms;

struct AskedRelease : AskedStore {
  std::vector<std::string> ids;
  bool force = false;
  double grace = 5;
};

struct Outcome {
  std::string was;      // "free", "reserved", "held"
  std::string problem;  // why it is not released; empty: it is
};

bool says(const Hold& hold, const char* key) { return hold.owner.value(key, Json()) == true; }

bool is_reserved(const std::vector<Hold>& holds) {
  return std::any_of(holds.begin(), holds.end(), [](const Hold& hold) { return says(hold, "reserved"); });
}

std::string who_are(const std::vector<Hold>& holds) {
  std::string text;
  for (const Hold& hold : holds) text += (text.empty() ? "" : "; ") + one_line(who_is(hold.owner));
  return text;
}

// What was set aside belongs to nobody.
bool somebody_elses(const Hold& hold) {
  const Json user = hold.owner.value("user", Json());
  return !says(hold, "set_aside") && user.is_string() && user != platform::self().user;
}

Outcome end_reservation(LockStore& store, const std::string& id, const Hold& hold,
                        const AskedRelease& asked) {
  if (somebody_elses(hold) && !asked.force)
    return {"reserved", "it is " + one_line(who_is(hold.owner)) + "; --force ends that"};
  platform::Timer timer;
  const auto deadline = BootClock::now() + kLongest;
  while (!store.end_reservation(id)) {
    // Somebody else ended it, or others look at it all the time.
    if (!is_reserved(store.holders(id))) return {"reserved", ""};
    if (BootClock::now() > deadline) return {"reserved", "its file is always in use"};
    timer.wait_readable({}, BootClock::now() + kTryAgain);
  }
  wake_next(store);
  return {"reserved", ""};
}

Outcome end_hold(LockStore& store, const std::string& id, const std::vector<Hold>& holds,
                 const AskedRelease& asked) {
  const std::string who = who_are(holds);
  const std::string held = who.empty() ? "it is held" : "it is held by " + who;
  if (!asked.force) return {"held", held + "; --force ends the holder"};
  const auto tell = [&id](const std::string& step) { say("lockablectl: {}: {}\n", one_line(id), step); };
  tell(held);
  const std::string problem = end_holders(store, id, holds, nanoseconds(asked.grace), tell);
  wake_next(store);
  return {"held", problem.empty() ? "" : held + "; " + problem};
}

Outcome release(LockStore& store, const std::string& id, const AskedRelease& asked) {
  const std::vector<Hold> holds = store.holders(id);
  // One that is over is no hold, but still keeps py-lockable away.
  if (holds.empty() && store.end_reservation(id)) return {"reserved", ""};
  if (holds.empty()) {
    const auto inventory = read_inventory(asked);
    if (inventory->find(id) == nullptr)
      throw ResourceNotFound(fmt::format("no resource of {} has the id {}, and nobody holds one",
                                         inventory->source(), show(id)));
    return {"free", ""};
  }
  return is_reserved(holds) ? end_reservation(store, id, holds.front(), asked)
                            : end_hold(store, id, holds, asked);
}

void print(const std::string& id, const Outcome& outcome) {
  if (!outcome.problem.empty())
    say("lockablectl: {} is not released: {}\n", one_line(id), outcome.problem);
  else if (outcome.was == "free")
    fmt::print("{} was free\n", one_line(id));
  else
    fmt::print("released {}\n", one_line(id));
}

int release(const AskedRelease& asked) {
  Lockable lab(options_to_look(asked));
  int exit_code = kSuccess;
  Json all = Json::array();
  for (const std::string& id : asked.ids) {
    const Outcome outcome = release(lab.store(), id, asked);
    const bool released = outcome.problem.empty();
    if (!released) exit_code = kTimeout;
    if (!asked.json || !released) print(id, outcome);
    all.push_back({{"id", id}, {"was", outcome.was}, {"released", released}});
  }
  if (asked.json) print_json(all);
  return exit_code;
}

}  // namespace

void add_release(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<AskedRelease>();
  CLI::App* command = add_store_command(
      app, "release", "Ends reservations; with --force also who holds a resource (75: it is still held)",
      *asked);
  command->add_option("id", asked->ids, "Ids of resources")->required();
  command->add_flag(
      "--force", asked->force,
      "End the programs that hold it, or another user's reservation; no living program loses a lock");
  command->add_option("--grace", asked->grace, "Seconds between SIGTERM and SIGKILL")
      ->check(seconds_check())
      ->capture_default_str();
  command->callback([asked, &exit_code] { exit_code = release(*asked); });
}

}  // namespace lockable::cli
