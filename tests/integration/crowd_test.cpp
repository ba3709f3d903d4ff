// Many resources and many who wait for them, all real processes.
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/bench.h"

namespace lockable::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kResources = 1000;
constexpr int kWaiting = 100;
constexpr auto kLimit = 100s;

class CrowdTest : public Bench {
 protected:
  CrowdTest() : Bench(kResources) {}

  // As many of type `dut` as there are, held.
  void hold_all() {
    for (int left = kResources; left > 0; left -= 64) {
      const std::string count = std::to_string(std::min(left, 64));
      holders_.push_back(std::make_unique<Process>(
          lockable({"--die-with-parent", "--no-bare-env", "--requirements", R"({"$count": )" + count + "}",
                    "--", "sh", "-c", "echo ready; exec sleep 600"})));
      holders_.back()->await_output("ready");
    }
  }
  void start_waiting(const std::string& requirements) {
    for (int i = 0; i < kWaiting; ++i)
      waiters_.push_back(std::make_unique<Process>(
          lockable({"--timeout", "100", "--requirements", requirements, "--", "sh", "-c", "echo $ID"})));
    await(
        "all wait", [this] { return waiting() == kWaiting; }, kLimit);
  }
  // All get a board, and their work, from their start on, is a few seconds of one processor: whatever else
  // keeps the machine busy.
  void expect_served() {
    for (const auto& waiter : waiters_) {
      const Ended ended = waiter->wait(kLimit);
      EXPECT_EQ(ended.exit_code, 0) << ended.err;
    }
    rusage used{};
    ::getrusage(RUSAGE_CHILDREN, &used);
    const auto seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
    RecordProperty("processor_seconds", std::to_string(seconds));
    EXPECT_LT(seconds, 30);
  }

  std::vector<std::unique_ptr<Process>> holders_;
  std::vector<std::unique_ptr<Process>> waiters_;
};

TEST_F(CrowdTest, AHundredWaitForAnyOfAThousand) {
  hold_all();
  EXPECT_FALSE(free());
  start_waiting("type=dut");
  holders_.front()->kill(SIGTERM);  // 64 come free
  expect_served();
}

TEST_F(CrowdTest, AHundredWaitForOneOfAThousand) {
  Process holder(lockable(
      {"--die-with-parent", "--requirements", "id=b500", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  start_waiting("id=b500");
  holder.kill(SIGKILL);
  expect_served();
}

}  // namespace
}  // namespace lockable::testing
