#include "gtest/levels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "allocation/candidates.h"
#include "allocation/surrounding.h"
#include "gtest/flags.h"
#include "planner/planner.h"
#include "platform/environment.h"
#include "platform/file.h"

namespace lockable::gtest_internal {
namespace {

using namespace std::chrono_literals;

constexpr auto kTellAfter = 1s;
constexpr auto kTellAgain = 30s;
constexpr const char* kDeathTestVariable = "LOCKABLE_DEATH_TEST_ALLOCATIONS";
constexpr const char* kLevelNames[] = {"program", "suite", "test"};

std::string current_test() {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  if (test != nullptr) return std::string(test->test_suite_name()) + "." + test->name();
  const ::testing::TestSuite* suite = ::testing::UnitTest::GetInstance()->current_test_suite();
  return suite != nullptr ? suite->name() : "";
}

// What cannot be written is lost: a full disk never changes what we do. (fmt::print throws then.)
void say(const std::string& text) { std::fputs(fmt::format("[ LOCKABLE ] {}\n", text).c_str(), stderr); }

// A program that waits in silence looks like one that hangs. Short waits are not worth a line.
void tell_waiting(const Waiting& waiting) {
  static std::chrono::nanoseconds seen{0};
  static std::chrono::nanoseconds next = kTellAfter;
  if (waiting.waited <= seen) next = kTellAfter;  // a new request
  seen = waiting.waited;
  if (waiting.waited < next) return;
  next = waiting.waited + kTellAgain;
  say(describe(waiting));
}

// Ours suit better than all others.
void put_first(const std::set<std::string>& ids, Want& want) {
  want.ranks.resize(want.candidates.size(), 0);
  for (std::size_t i = 0; i < want.candidates.size(); ++i)
    want.ranks[i] = ids.count(want.candidates[i]) != 0 ? 0 : want.ranks[i] + 1;
}

// For each part the outer allocation that serves it, or nullptr where a new one is needed. An outer one goes
// to a part that cannot do without it rather than to one that can.
Holding share_out(const Requirements& complete, const Holding& outer, const Inventory& inventory) {
  std::vector<Resource> ours;
  std::set<std::string> our_ids;
  for (const auto& held : outer) {
    our_ids.insert(held->resource_id());
    ours.push_back({held->resource_id(), held->resource_info()});
  }
  std::vector<const Resource*> resources;
  resources.reserve(ours.size() + inventory.resources().size());
  for (const Resource& resource : ours) resources.push_back(&resource);
  for (const Resource& resource : inventory.resources())
    if (our_ids.count(resource.id) == 0) resources.push_back(&resource);
  const Wants matching = wants_of(complete, resources);
  std::vector<Want> wants(matching.begin(), matching.end());
  for (Want& want : wants) put_first(our_ids, want);
  const std::vector<std::string> best = planner::best(wants);
  Holding result(wants.size());
  for (std::size_t i = 0; i < best.size(); ++i)
    for (const auto& held : outer)
      if (held->resource_id() == best[i]) result[i] = held;
  return result;
}

// What is left to be allocated, in agreement with what is there.
Json missing_of(const Requirements& complete, const Holding& there) {
  const auto known = std::find_if(there.begin(), there.end(), [](const auto& one) { return one != nullptr; });
  Json missing = Json::array();
  const auto parts = complete.parts();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (there[i] != nullptr) continue;
    Json query = parts[i].query.json();
    query.erase("$count");
    query.erase("$as");
    if (!parts[i].role.empty()) query["$as"] = parts[i].role;
    if (known != there.end()) query = agreeing(std::move(query), complete, (*known)->resource_info());
    missing.push_back(std::move(query));
  }
  if (missing.empty()) return missing;
  const Json stated = complete.json();
  for (const Json& element : stated.is_array() ? stated : Json::array())
    if (element.contains("$same") || element.contains("$prefer")) missing.push_back(element);
  return missing;
}

}  // namespace

Levels& Levels::instance() {
  static auto* instance = new Levels;  // never destroyed: what is held at exit is freed by the system
  return *instance;
}

// GoogleTest tells its listeners nothing in the child of a threadsafe death test: nobody asks there for what
// program and suite hold.
Levels::Levels() {
  if (!flags().death_test_child || platform::environment_variable(kDeathTestVariable).empty()) return;
  for (const Index level : {kProgram, kSuite})
    if (Holding holding = borrow_from_parent(level); !holding.empty()) held_[level] = std::move(holding);
}

Lockable& Levels::lab() {
  if (lab_ == nullptr) {
    Options options = flags().options;
    options.current_test = current_test;
    options.on_waiting = tell_waiting;
    options.waiting_interval = kTellAfter;
    options.watchdog = true;
    options.on_lost = [](const std::string& why) { say("what this program holds is lost: " + why); };
    options.on_warning = [](const std::string& text) { say("warning: " + text); };
    lab_ = std::make_unique<Lockable>(options);
  }
  return *lab_;
}

void Levels::hold(Index level, const Requirements& requirements) {
  release(level);
  Holding holding = flags().death_test_child ? borrow_from_parent(level) : serve(level, requirements);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    held_[level] = std::move(holding);
  }
  publish();
}

void Levels::release(Index level) {
  std::optional<Holding> gone;  // destroyed, and so released, outside the mutex
  const std::lock_guard<std::mutex> guard(mutex_);
  gone.swap(held_[level]);
}

void Levels::note_outcome(Index level, Outcome outcome, const std::string& what) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!held_[level]) return;
  for (const auto& allocation : *held_[level]) allocation->note_outcome(outcome, what);
}

bool Levels::holds(Index level) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return held_[level].has_value();
}

Holding Levels::serve(Index level, const Requirements& requirements) {
  Holding outer;
  for (int index = level - 1; index >= 0; --index)
    if (held_[index]) outer.insert(outer.end(), held_[index]->begin(), held_[index]->end());
  const Requirements complete = requirements.with_defaults(lab().options().hostname);
  Holding result(static_cast<std::size_t>(complete.size()));
  if (!outer.empty()) result = share_out(complete, outer, *lab().inventory());
  const Json missing = missing_of(complete, result);
  if (missing.empty()) return result;
  const bool all = std::none_of(result.begin(), result.end(), [](const auto& one) { return one != nullptr; });
  std::vector<Allocation> own = all ? lab().lock_many(requirements, flags().timeout)
                                    : lab().lock_many(Requirements(missing), flags().timeout);
  auto next = own.begin();
  for (auto& place : result)
    if (place == nullptr) place = std::make_shared<Allocation>(std::move(*next++));
  return result;
}

Allocation& Levels::find(Index innermost, const std::optional<std::string>& role) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  std::string roles;
  for (int level = innermost; level >= 0; --level) {
    if (!held_[level] || held_[level]->empty()) continue;
    if (!role) return *held_[level]->front();
    for (const auto& allocation : *held_[level]) {
      if (allocation->role() == *role) return *allocation;
      if (!allocation->role().empty()) roles += (roles.empty() ? "" : ", ") + allocation->role();
    }
  }
  if (!role)
    throw Error(
        "no resource is held here: state what is needed with LOCKABLE_TEST or --lockable_requirements");
  throw Error(fmt::format("no resource of the role \"{}\" is held here; there {}", *role,
                          roles.empty() ? "are no roles" : "are: " + roles));
}

Holding Levels::in_use() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (int level = kTest; level >= 0; --level)
    if (held_[level] && !held_[level]->empty()) return *held_[level];
  return {};
}

// The child of a threadsafe death test is a new process: it reads there what its parent holds.
void Levels::publish() {
  if (flags().death_test_child) return;
  Json all = Json::object();
  for (int level = 0; level < kCount; ++level) {
    Json& elements = all[kLevelNames[level]] = Json::array();
    if (!held_[level]) continue;
    for (const auto& allocation : *held_[level]) elements.push_back(for_children(*allocation));
  }
  if (published_ == nullptr) {
    published_ = std::make_unique<platform::SharedText>("lockable");
    platform::set_environment_variable(kDeathTestVariable, published_->path());
  }
  published_->write(all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Holding Levels::borrow_from_parent(Index level) {
  const std::string path = platform::environment_variable(kDeathTestVariable);
  if (path.empty()) throw Error("the parent of this death test holds nothing");
  const Json all = Json::parse(platform::read_file(path), nullptr, false);
  Holding result;
  for (const Json& element : all.at(kLevelNames[level]))
    result.push_back(std::make_shared<Allocation>(borrow(element, flags().options)));
  return result;
}

}  // namespace lockable::gtest_internal
