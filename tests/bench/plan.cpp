// How long a decision takes: 10 000 resources, 1 000 tickets. The planner alone, and beside it what it takes
// to read queue and locks for it.
#include <fmt/core.h>
#include <lockable/lockable.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "arguments.h"
#include "figures.h"
#include "planner/planner.h"
#include "support/temp_folder.h"

namespace {

using namespace lockable;
using namespace lockable::bench;

constexpr const char* kUsage =
    "lockable_plan_bench [--resources 10000] [--tickets 1000] [--rounds 21] [--check [TIMES]]";
constexpr double kTarget = 5000;  // us

struct Scene {
  std::vector<std::string> ids;
  std::vector<Wants> kinds;
  std::vector<Ticket> tickets;
  std::vector<std::string> held;
};

// Fifty kinds of requests, each for one of 20 to 800 resources or for two of them; nine of ten resources are
// held.
Scene make_scene(std::size_t resources, std::size_t tickets) {
  std::mt19937 random(1);
  Scene scene;
  for (std::size_t i = 0; i < resources; ++i) scene.ids.push_back(fmt::format("board-{:05}", i));
  for (int kind = 0; kind < 50; ++kind) {
    const std::size_t count = std::min<std::size_t>(resources, 20 + random() % 780);
    const std::size_t start = random() % (resources - count + 1);
    const auto first = scene.ids.begin() + static_cast<std::ptrdiff_t>(start);
    Want want;
    want.candidates.assign(first, first + static_cast<std::ptrdiff_t>(count));
    scene.kinds.push_back(kind % 5 == 0 ? Wants{want, want} : Wants{want});
  }
  for (std::size_t i = 0; i < tickets; ++i) {
    Ticket ticket;
    ticket.id = std::to_string(i);
    ticket.rank = std::chrono::milliseconds(i);
    ticket.wants = scene.kinds[random() % scene.kinds.size()];
    ticket.owner = Json::object();
    scene.tickets.push_back(std::move(ticket));
  }
  for (const std::string& id : scene.ids)
    if (random() % 10 != 0) scene.held.push_back(id);
  return scene;
}

Micros planning(const Scene& scene, std::size_t& granted) {
  Snapshot snapshot;
  snapshot.queue = scene.tickets;
  for (const std::string& id : scene.held) snapshot.held.push_back({id, 0});
  const auto start = BootClock::now();
  granted = planner::plan(snapshot).size();
  return BootClock::now() - start;
}

// The same on a real folder: this program holds and waits.
struct Folder {
  explicit Folder(const Scene& scene) : store(open_store({"file:" + folder.path() + "/locks"})) {
    for (const std::string& id : scene.held) {
      auto lease = store->commit({}, {{id, "alloc"}}, Json::object());
      leases.push_back(std::move(lease.at(0)));
    }
    for (const Ticket& ticket : scene.tickets) places.push_back(store->enqueue(ticket));
  }
  lockable::testing::TempFolder folder;
  std::shared_ptr<LockStore> store;
  std::vector<std::unique_ptr<Lease>> leases;
  std::vector<std::unique_ptr<Place>> places;
};

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments(argc, argv, {"resources", "tickets", "rounds", "check"}, kUsage);
  const Scene scene = make_scene(arguments.number("resources", 10000), arguments.number("tickets", 1000));
  const auto rounds = static_cast<int>(arguments.number("rounds", 21));
  Times alone, first_look, next_look;
  std::size_t granted = 0, read = 0;
  for (int i = 0; i < rounds; ++i) alone.add(planning(scene, granted));
  const Folder folder(scene);
  for (int i = 0; i < rounds; ++i) {
    const auto newcomer = open_store({folder.store->uri()});
    for (Times* times : {&first_look, &next_look}) {
      const auto start = BootClock::now();
      read = newcomer->snapshot({}).queue.size();
      times->add(BootClock::now() - start);
    }
  }
  const Micros median = alone.median();
  fmt::print("{} resources, {} held; {} tickets of {} kinds; {} can be served\n", scene.ids.size(),
             scene.held.size(), scene.tickets.size(), scene.kinds.size(), granted);
  fmt::print("planner alone, all tickets: {:.2f} ms (target {:.0f})\n", median.count() / 1000,
             kTarget / 1000);
  fmt::print("snapshot by a new process: {:.2f} ms, by one that looked before: {:.2f} ms ({} tickets read)\n",
             first_look.median().count() / 1000, next_look.median().count() / 1000, read);
  return median.count() <= arguments.times() * kTarget ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "plan: {}\n", error.what());
  return 2;
}
