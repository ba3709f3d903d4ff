/// \file
/// A bench for tests of the real commands: an inventory and a lock store of the test's own. That is a folder,
/// or with BENCH_STORE=etcd in the environment an etcd: the same tests run on both.
#pragma once

#include <gtest/gtest.h>
#include <lockable/allocation.h>
#include <lockable/lockable.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/etcd.h"
#include "support/process.h"
#include "support/temp_folder.h"

namespace lockable::testing {

/// So many times longer is a lease of etcd's where a sanitizer slows everything down: a process that is slow
/// must not pass for one that is stopped.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kSlowness = 3;
#else
constexpr int kSlowness = 1;
#endif

class Bench : public ::testing::Test {
 protected:
  /// Boards b1, b2 … of type `dut`, on this host.
  explicit Bench(int boards = 1);

  /// `lockable <arguments>` on this bench.
  Command lockable(std::vector<std::string> arguments) const;
  Ended run_lockable(std::vector<std::string> arguments) const { return run(lockable(std::move(arguments))); }
  /// Replaces the inventory by so many boards.
  void write_boards(int boards) const;
  /// Replaces the inventory by this text.
  void write_inventory(const std::string& text) const { folder_.write("resources.json", text); }
  /// Of the folder.
  std::string pid_file(const std::string& id) const { return lock_folder() + "/" + id + ".pid"; }
  std::string lock_folder() const { return folder_ / "locks"; }
  /// As the first who locks something does.
  void make_lock_folder() const { std::filesystem::create_directory(lock_folder()); }
  bool on_etcd() const { return etcd_ != nullptr; }
  /// The store of this bench, opened anew.
  std::shared_ptr<LockStore> store() const;
  /// The same for programs.
  std::map<std::string, std::string> store_environment() const;
  void use_store(Options& options) const;
  /// Whether a request without time to wait gets a board.
  bool free(const std::string& requirements = "{}") const;
  /// The same after a death without a release: at once in a folder, after the lease time with etcd.
  bool free_after_a_death(const std::string& requirements = "{}") const;
  /// Processes that wait now.
  std::size_t waiting() const;

  TempFolder folder_;
  std::unique_ptr<EtcdCluster> etcd_;
};

/// How long the etcd of a bench keeps what nobody gives a sign of life for.
constexpr std::chrono::seconds kBenchLease{3 * kSlowness};

/// This machine's name as the inventory must state it.
std::string this_host();

}  // namespace lockable::testing
