// How long a bench is busy with a set of tests when the planner deals out the boards, beside a choice at
// random and the least that is possible. Simulated: no clock, no locks.
#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "arguments.h"
#include "planner/planner.h"

namespace {

using namespace lockable;
using namespace lockable::bench;

constexpr const char* kUsage =
    "lockable_makespan_bench [--workloads 1000] [--boards 12] [--tests 200] [--check [TIMES]]";
constexpr double kTarget = 1.05;  // of the lower bound, in the mean

// Boards have some of five features, one board all of them; a test needs up to two, and takes 0.5 to 1.5 s.
struct Workload {
  std::vector<unsigned> mask;  // for each test: the boards that would do
  std::vector<double> seconds;
  unsigned boards;
};

Workload make_workload(unsigned seed, unsigned boards, unsigned tests) {
  std::mt19937 random(seed);
  std::vector<unsigned> features(boards);
  for (unsigned& one : features) one = static_cast<unsigned>(random() % 32);
  features[0] = 31;
  Workload workload{{}, {}, boards};
  for (unsigned test = 0; test < tests; ++test) {
    unsigned needs = 0;
    for (auto i = random() % 3; i > 0; --i) needs |= 1U << random() % 5;
    unsigned mask = 0;
    for (unsigned board = 0; board < boards; ++board)
      if ((features[board] & needs) == needs) mask |= 1U << board;
    workload.mask.push_back(mask);
    workload.seconds.push_back(0.5 + static_cast<double>(random() % 10001) / 10000);
  }
  return workload;
}

// No order is faster: for every set of boards, the tests that can run nowhere else share them; and no test is
// cut in pieces.
double lower_bound(const Workload& workload) {
  std::vector<double> confined(std::size_t{1} << workload.boards, 0.0);
  for (std::size_t test = 0; test < workload.mask.size(); ++test)
    confined[workload.mask[test]] += workload.seconds[test];
  for (unsigned board = 0; board < workload.boards; ++board)
    for (std::size_t set = 0; set < confined.size(); ++set)
      if ((set >> board & 1U) != 0) confined[set] += confined[set ^ std::size_t{1} << board];
  double bound = *std::max_element(workload.seconds.begin(), workload.seconds.end());
  for (std::size_t set = 1; set < confined.size(); ++set) {
    unsigned size = 0;
    for (std::size_t rest = set; rest != 0; rest &= rest - 1) ++size;
    bound = std::max(bound, confined[set] / size);
  }
  return bound;
}

struct Start {
  std::size_t test;
  unsigned board;
};
// What is started now: of the tests that wait, in order, on the boards that are free.
using Dealer = std::function<std::vector<Start>(const std::vector<std::size_t>& waiting, unsigned free)>;

double makespan(const Workload& workload, const Dealer& dealer) {
  std::vector<std::size_t> waiting(workload.mask.size());
  for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i] = i;
  std::vector<double> busy_until(workload.boards, 0.0);
  double now = 0, last = 0;
  while (!waiting.empty()) {
    unsigned free = 0;
    for (unsigned board = 0; board < workload.boards; ++board)
      if (busy_until[board] <= now) free |= 1U << board;
    for (const Start& start : dealer(waiting, free)) {
      waiting.erase(std::find(waiting.begin(), waiting.end(), start.test));
      busy_until[start.board] = now + workload.seconds[start.test];
      last = std::max(last, busy_until[start.board]);
    }
    double next = std::numeric_limits<double>::max();
    for (const double until : busy_until)
      if (until > now) next = std::min(next, until);
    now = next;
  }
  return last;
}

Dealer by_planner(const Workload& workload) {
  std::vector<Ticket> tickets;
  for (std::size_t test = 0; test < workload.mask.size(); ++test) {
    Want want;
    for (unsigned board = 0; board < workload.boards; ++board)
      if ((workload.mask[test] >> board & 1U) != 0) want.candidates.push_back(std::to_string(board));
    Ticket ticket;
    ticket.id = std::to_string(test);
    ticket.rank = std::chrono::milliseconds(test);
    ticket.wants = {want};
    tickets.push_back(std::move(ticket));
  }
  return [&workload, tickets](const std::vector<std::size_t>& waiting, unsigned free) {
    Snapshot snapshot;
    for (const std::size_t test : waiting) snapshot.queue.push_back(tickets[test]);
    for (unsigned board = 0; board < workload.boards; ++board)
      if ((free >> board & 1U) == 0) snapshot.held.push_back({std::to_string(board), 0});
    std::sort(snapshot.held.begin(), snapshot.held.end());
    std::vector<Start> starts;
    for (const planner::Grant& grant : planner::plan(snapshot))
      starts.push_back(
          {std::stoul(grant.ticket_id), static_cast<unsigned>(std::stoul(grant.resource_ids[0]))});
    return starts;
  };
}

// As py-lockable: whoever comes by takes any board that would do.
Dealer by_chance(const Workload& workload, unsigned seed) {
  return [&workload, random = std::mt19937(seed)](const std::vector<std::size_t>& waiting,
                                                  unsigned free) mutable {
    std::vector<Start> starts;
    for (const std::size_t test : waiting) {
      std::vector<unsigned> choices;
      for (unsigned board = 0; board < workload.boards; ++board)
        if ((workload.mask[test] & free) >> board & 1U) choices.push_back(board);
      if (choices.empty()) continue;
      starts.push_back({test, choices[random() % choices.size()]});
      free &= ~(1U << starts.back().board);
    }
    return starts;
  };
}

struct Ratios {
  double sum = 0, worst = 0;
  void add(double ratio) {
    sum += ratio;
    worst = std::max(worst, ratio);
  }
};

}  // namespace

int main(int argc, char** argv) try {
  const Arguments arguments(argc, argv, {"workloads", "boards", "tests", "check"}, kUsage);
  const auto workloads = static_cast<unsigned>(arguments.number("workloads", 1000));
  const auto boards = static_cast<unsigned>(arguments.number("boards", 12));
  const auto tests = static_cast<unsigned>(arguments.number("tests", 200));
  Ratios planned, dealt;
  for (unsigned seed = 1; seed <= workloads; ++seed) {
    const Workload workload = make_workload(seed, boards, tests);
    const double bound = lower_bound(workload);
    planned.add(makespan(workload, by_planner(workload)) / bound);
    dealt.add(makespan(workload, by_chance(workload, seed)) / bound);
  }
  fmt::print("{} workloads of {} tests on {} boards, makespan by the lower bound\n", workloads, tests,
             boards);
  fmt::print("{:<20} {:>8} {:>8}\n", "", "mean", "worst");
  fmt::print("{:<20} {:>8.4f} {:>8.4f}  target of the mean {}\n", "planner", planned.sum / workloads,
             planned.worst, kTarget);
  fmt::print("{:<20} {:>8.4f} {:>8.4f}\n", "random choice", dealt.sum / workloads, dealt.worst);
  return planned.sum / workloads <= arguments.times() * kTarget ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "makespan: {}\n", error.what());
  return 2;
}
