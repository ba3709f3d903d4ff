/// \file
/// A lock folder of the test's own, with the file store open on it.
#pragma once

#include <gtest/gtest.h>
#include <lockable/lock_store.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stores/file/file_store.h"
#include "support/temp_folder.h"

namespace lockable::file_store {

using Leases = std::vector<std::unique_ptr<Lease>>;

class StoreFolder : public ::testing::Test {
 protected:
  std::string locks() const { return folder_ / "locks"; }
  std::string pid_file(const std::string& id) const { return locks() + "/" + id + ".pid"; }
  std::string queue_folder() const { return locks() + "/.lockable/queue"; }
  std::string bells_folder() const { return locks() + "/.lockable/bells"; }
  /// Whether somebody woke it: a place that looks out ends its wait without that, too.
  bool rung(const Place& place) const;
  static std::size_t names_in(const std::string& folder);
  void write(const std::string& name, const std::string& content) const {
    folder_.write("locks/" + name, content);
  }

  /// Another process's view: a store opened anew.
  std::shared_ptr<LockStore> another() const { return open(locks(), false); }
  static Leases take(LockStore& store, const std::vector<std::string>& ids) {
    std::vector<Claim> claims;
    for (const std::string& id : ids) claims.push_back({id, "alloc-" + id});
    return store.commit({}, claims, {{"pid", ::getpid()}, {"note", "of the test"}});
  }
  Leases take(const std::vector<std::string>& ids) const { return take(*store_, ids); }
  bool held(const std::string& id) const { return !another()->holders(id).empty(); }
  static Ticket ticket(const std::vector<std::string>& candidates, int priority = 0) {
    Ticket made;
    made.priority = priority;
    made.wants = {{candidates}};
    made.owner = Json::object();
    return made;
  }

  testing::TempFolder folder_;
  std::shared_ptr<LockStore> store_ = open(locks(), false);
};

/// Runs it in a forked child, which then exits; true when it returned true there.
bool in_child(const std::function<bool()>& action);

/// What the store says of a folder that it cannot use; "none" when it can.
std::string problem_of(const std::string& folder);

}  // namespace lockable::file_store
