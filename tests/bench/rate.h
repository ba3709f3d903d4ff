/// \file
/// How fast a loop of processes goes, and what each round of it costs: on a machine that does other things as
/// well the processor time still compares.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace lockable::bench {

/// From its making on. Counts the processor time of this process and of its children that were waited for.
class Rate {
 public:
  struct Figures {
    std::uint64_t rounds = 0;
    double seconds = 0;
    double processor_seconds = 0;

    double per_second() const { return static_cast<double>(rounds) / seconds; }
    Figures& operator+=(const Figures& more) {
      rounds += more.rounds;
      seconds += more.seconds;
      processor_seconds += more.processor_seconds;
      return *this;
    }
  };
  Figures of(std::uint64_t rounds) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    return {rounds, took.count(), processor_seconds() - used_before_};
  }

 private:
  static double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  static double processor_seconds() {
    double sum = 0;
    for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
      rusage used{};
      ::getrusage(whose, &used);
      sum += seconds(used.ru_utime) + seconds(used.ru_stime);
    }
    return sum;
  }

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double used_before_ = processor_seconds();
};

inline std::string text(const Rate::Figures& rate) {
  return fmt::format("{:.0f} a second ({:.2f} ms of processor each)", rate.per_second(),
                     rate.processor_seconds * 1e3 / static_cast<double>(rate.rounds));
}

}  // namespace lockable::bench
