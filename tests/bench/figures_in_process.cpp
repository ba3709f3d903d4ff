// The figures of the library, beside the bare system calls.
#include <fcntl.h>
#include <fmt/core.h>
#include <lockable/lockable.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>

#include "figures.h"

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kBatch = 50;  // so that a measurement is much longer than reading the clock
constexpr unsigned kResources = 100;

Options lab_options(const Setup& setup) {
  Options options;
  options.resources = Json::array();
  for (unsigned i = 0; i < kResources; ++i)
    options.resources.push_back({{"id", fmt::format("board{}", i)},
                                 {"type", i == 0 ? "nrf52" : "nrf53"},
                                 {"serial", fmt::format("SN{:08}", i)},
                                 {"hostname", "bench"},
                                 {"online", true}});
  options.hostname = "bench";
  options.lock_folder = setup.folder + "/in-process";
  options.adopt = false;
  return options;
}

template <typename Action>
Micros batch(Action action) {
  const auto start = BootClock::now();
  for (int i = 0; i < kBatch; ++i) action();
  return Micros(BootClock::now() - start) / kBatch;
}

void raw_lock_and_unlock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  const bool good = fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::write(fd, "12345\n", 6) == 6 &&
                    ::unlink(path.c_str()) == 0;
  if (!good) throw std::runtime_error("cannot lock " + path);
  ::close(fd);
}

void match_all(const Query& query, const Inventory& inventory) {
  int matches = 0;
  for (const Resource& resource : inventory.resources()) matches += query.matches(resource.info) ? 1 : 0;
  if (matches != 1) throw std::runtime_error("the requirements should match one resource");
}

}  // namespace

Figure lock_and_unlock(const Setup& setup) {
  Lockable lab(lab_options(setup));
  const Requirements requirements("type=nrf52");
  const Query query = requirements.with_defaults("bench").queries().front();
  const auto inventory = lab.inventory();
  const std::string path = setup.folder + "/in-process/raw";
  Times ours, raw, matching;
  for (int i = -1; i < setup.rounds; ++i) {
    const Micros a = batch([&] { lab.lock(requirements, 0s).unlock(); });
    const Micros b = batch([&] { raw_lock_and_unlock(path); });
    const Micros c = batch([&] { match_all(query, *inventory); });
    if (i < 0) continue;
    ours.add(a);
    raw.add(b);
    matching.add(c);
  }
  const Micros a = ours.median(), b = raw.median(), c = matching.median();
  return {"lock + unlock in one process, 100 resources",
          a,
          b,
          (a - c) / b,
          3,
          fmt::format("open+flock+write+unlink+close; matching them, {:.1f} us, not counted in the ratio",
                      c.count())};
}

}  // namespace lockable::bench
