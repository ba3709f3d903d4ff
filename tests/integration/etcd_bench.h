/// \file
/// A bench for tests of the etcd store in trouble: a cluster, holders and waiters.
#pragma once

#include <lockable/lockable.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "support/bench.h"
#include "support/etcd.h"
#include "support/tcp_proxy.h"

namespace lockable::testing {

using namespace std::chrono_literals;

class EtcdBench : public Bench {
 protected:
  explicit EtcdBench(std::size_t members = 1, EtcdSettings settings = {}) {
    etcd_ = std::make_unique<EtcdCluster>(members, std::move(settings));
    environment_ = store_environment();
  }
  EtcdCluster& etcd() { return *etcd_; }

  /// `lockable <arguments>` with the environment of this bench.
  Command on_cluster(std::vector<std::string> arguments) const {
    Command command = lockable(std::move(arguments));
    for (const auto& [name, value] : environment_) command.env[name] = value;
    return command;
  }
  Ended run_on_cluster(std::vector<std::string> arguments) const {
    return run(on_cluster(std::move(arguments)));
  }
  /// Holds b1 until it is told to end; has said `held`.
  std::unique_ptr<Process> holder() const {
    auto process = std::make_unique<Process>(
        on_cluster({"--die-with-parent", "--", "sh", "-c", "echo held; exec sleep 600"}));
    process->await_output("held");
    return process;
  }
  /// Waits for b1, then says `got it`; the queue has it already.
  std::unique_ptr<Process> waiter() const {
    auto process = std::make_unique<Process>(on_cluster({"--timeout", "60", "--", "echo", "got it"}));
    process->await_output("in the queue");
    return process;
  }
  void set_lease_time(std::chrono::seconds time) {
    environment_["LOCKABLE_ETCD_LEASE_TIME"] = std::to_string((kSlowness * time).count());
  }
  /// A door for this process itself.
  Options options() const {
    Options options;
    options.resources = folder_ / "resources.json";
    options.store = environment_.at("LOCKABLE_STORE");
    options.etcd.lease_time = std::chrono::seconds(std::stoi(environment_.at("LOCKABLE_ETCD_LEASE_TIME")));
    options.adopt = false;
    return options;
  }

  std::map<std::string, std::string> environment_;
};

/// Ends in order, having held all the time.
inline void expect_held_until_told(Process& holder) {
  EXPECT_TRUE(holder.running()) << holder.err();
  holder.kill(SIGTERM);
  const Ended ended = holder.wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGTERM) << ended.err;
}

inline void expect_served(Process& waiter) {
  const Ended ended = waiter.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, "got it\n") << ended.err;
}

}  // namespace lockable::testing
