// What lock and unlock cost in a program that has its session, beside two raw puts to the same etcd, in
// turns. etcd_figures.py runs it.
#include <fmt/core.h>
#include <lockable/lockable.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "stores/etcd/address.h"
#include "stores/etcd/gateway.h"

namespace lockable::bench {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

class Times {
 public:
  template <typename Action>
  void add(const Action& action) {
    const auto start = SteadyClock::now();
    action();
    times_.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count());
  }
  double median() {
    std::sort(times_.begin(), times_.end());
    return times_[times_.size() / 2];
  }

 private:
  std::vector<double> times_;
};

void measure(const std::string& uri, const std::string& resources) {
  Options options;
  options.store = uri;
  options.resources = resources;
  options.adopt = false;
  Lockable lockable(options);
  etcd::Gateway gateway(etcd::parse_address(uri), {}, -1);
  const std::string put =
      Json{{"key", etcd::to_base64("raw/put")}, {"value", etcd::to_base64(std::string(200, 'x'))}}.dump();
  const auto two_puts = [&] {
    for (int i = 0; i < 2; ++i) gateway.call("kv/put", put, BootClock::now() + 5s);
  };
  Times both, locks, unlocks, raw;
  for (int i = 0; i < 500; ++i) {
    both.add([&] {
      std::optional<Allocation> allocation;
      locks.add([&] { allocation = lockable.lock("id=b1", 5s); });
      unlocks.add([&] { allocation.reset(); });
    });
    raw.add(two_puts);
  }
  fmt::print(
      "{{\"lock_and_unlock_ms\": {:.3f}, \"lock_ms\": {:.3f}, \"unlock_ms\": {:.3f}, \"two_puts_ms\": "
      "{:.3f}}}\n",
      both.median(), locks.median(), unlocks.median(), raw.median());
}

}  // namespace
}  // namespace lockable::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: lockable_etcd_calls etcd://HOST:PORT/NAMESPACE RESOURCES\n");
    return 64;
  }
  lockable::bench::measure(argv[1], argv[2]);
}
