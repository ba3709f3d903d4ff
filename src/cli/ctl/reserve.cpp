#include <fmt/format.h>
#include <lockable/lockable.h>

#include "allocation/owner.h"
#include "allocation/reservation.h"
#include "allocation/wake_next.h"
#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/ctl/duration.h"
#include "cli/events.h"
#include "cli/exit_code.h"
#include "cli/integers.h"
#include "cli/say.h"
#include "cli/seconds.h"
#include "cli/waiting_message.h"
#include "json/one_line.h"
#include "json/show.h"
#include "platform/reboot.h"
#include "platform/time_text.h"

namespace lockable::cli {
namespace {

constexpr const char* kForEver = "ever";

struct AskedReservation : AskedStore {
  std::vector<std::string> what;
  std::vector<std::string> requirements;
  std::string span;
  std::string note;
  std::string hostname;
  double timeout = std::chrono::duration<double>(Lockable::kDefaultTimeout).count();
  int priority = 0;
  bool insist = false;
};

// Text of requirements for one word: a resource that the inventory has, wherever it is and also offline, or
// the word itself.
std::string requirements_for(const std::string& word, const Inventory& inventory) {
  if (const Resource* resource = inventory.find(word))
    return Json{{"id", resource->info.at("id")}, {"hostname", nullptr}, {"online", nullptr}}.dump();
  if (word.find_first_of("={[") == std::string::npos)
    throw ResourceNotFound(fmt::format("no resource of {} has the id {}", inventory.source(), show(word)));
  return word;
}

Requirements requirements_of(const AskedReservation& asked, const Inventory& inventory) {
  std::vector<std::string> texts = asked.requirements;
  for (const std::string& word : asked.what) texts.push_back(requirements_for(word, inventory));
  Requirements requirements(texts);
  for (const Query& query : requirements.queries())
    if (query.slots() > 0)
      throw InvalidRequirements("a reservation takes a resource whole: leave out \"$slots\"");
  return requirements;
}

void check_folder(LockStore& store, const AskedReservation& asked) {
  const std::string start = "file:";
  if (asked.insist || store.uri().rfind(start, 0) != 0) return;
  const std::string folder = store.uri().substr(start.size());
  const std::string why = platform::emptied_by_reboot(folder);
  if (why.empty()) return;
  throw LockFolderError(
      fmt::format("a reboot would end reservations in the lock folder {}: {}; have all who share the "
                  "hardware use another "
                  "folder, given with --lock-folder or LOCKABLE_LOCK_FOLDER, or add --insist",
                  folder, why));
}

Json record_of(const Options& options, const AskedReservation& asked) {
  const WallTime now = Clock::system()->wall();
  Json record = describe_owner(options, now);
  record["reserved"] = true;
  if (asked.span != kForEver) record["until"] = platform::iso8601(now + *parse_duration(asked.span));
  return record;
}

// All or none.
void reserve(std::vector<Allocation>& allocations, LockStore& store, const Json& record) {
  std::size_t done = 0;
  try {
    for (; done < allocations.size(); ++done) leave_reserved(allocations[done], record);
  } catch (const Error&) {
    for (std::size_t i = 0; i < done; ++i) store.end_reservation(allocations[i].resource_id());
    wake_next(store);
    throw;
  }
}

void print(const std::vector<Allocation>& allocations, const Json& record, bool as_json) {
  Json all = Json::array();
  const Json until = record.value("until", Json());
  for (const Allocation& allocation : allocations) {
    all.push_back({{"id", allocation.resource_id()}, {"until", until}, {"owner", record}});
    if (!as_json)
      fmt::print("reserved {} until {}\n", one_line(allocation.resource_id()),
                 until.is_null() ? "it is released" : until.get<std::string>());
  }
  if (as_json) print_json(all);
}

int reserve(const AskedReservation& asked) {
  Events events(false);
  WaitingMessage message("lockablectl");
  Options options = store_options(asked);
  options.resources = asked.resources;
  options.hostname = asked.hostname;
  options.note = asked.note;
  options.priority = asked.priority;
  options.adopt = false;
  options.interrupt_fd = events.fd();
  options.on_waiting = [&message](const Waiting& waiting) { message.tell(waiting); };
  options.waiting_interval = message.interval();
  options.on_warning = [](const std::string& text) { say("lockablectl: warning: {}\n", text); };
  Lockable lab(options);
  try {
    check_folder(lab.store(), asked);
    const Requirements requirements = requirements_of(asked, *lab.inventory());
    std::vector<Allocation> allocations = lab.lock_many(requirements, nanoseconds(asked.timeout));
    const Json record = record_of(options, asked);
    reserve(allocations, lab.store(), record);
    print(allocations, record, asked.json);
    return kSuccess;
  } catch (const Interrupted& interrupted) {
    const std::vector<int> signals = events.take_signals();
    say("lockablectl: {}\n", interrupted.what());
    return kSignalBase + (signals.empty() ? SIGTERM : signals.front());
  }
}

std::string wrong_span(const std::string& text) {
  if (text == kForEver || parse_duration(text)) return "";
  return "expected 90s, 30m, 2h, 3d, 1h30m or 'ever', found '" + text + "'";
}

}  // namespace

void add_reserve(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<AskedReservation>();
  CLI::App* command = add_store_command(
      app, "reserve", "Takes resources out of service for a person, queueing for what is held", *asked);
  command->add_option("what", asked->what, "Ids of resources, or requirements as for lockable");
  command->add_option("--requirements", asked->requirements, "The same")->allow_extra_args(false)->take_all();
  command->add_option("--for", asked->span, "How long: 90s, 30m, 2h, 3d, 1h30m, or 'ever' (until release)")
      ->required()
      ->check(CLI::Validator(wrong_span, "SPAN"));
  command->add_option("--note", asked->note, "Why, for those who wait [the CI job's URL]")
      ->envname("LOCKABLE_NOTE");
  command->add_option("--timeout", asked->timeout, "How long to wait for it; 0 tries once")
      ->envname("LOCKABLE_TIMEOUT")
      ->check(seconds_check())
      ->capture_default_str();
  command->add_option("--priority", asked->priority, "Higher goes first among those who wait")
      ->envname("LOCKABLE_PRIORITY")
      ->check(integer_check());
  command->add_option("--hostname", asked->hostname, "Instead of this machine's name")
      ->envname("LOCKABLE_HOSTNAME");
  command->add_flag("--insist", asked->insist, "Also in a lock folder that a reboot empties");
  command->callback([asked, &exit_code] {
    if (asked->what.empty() && asked->requirements.empty())
      throw CLI::ValidationError("what", "expected ids or requirements");
    exit_code = reserve(*asked);
  });
}

}  // namespace lockable::cli
