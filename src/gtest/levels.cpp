#include "gtest/levels.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "allocation/surrounding.h"
#include "gtest/flags.h"
#include "planner/matching.h"
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

// A program that waits in silence looks like one that hangs. Short waits are not worth a line.
void tell_waiting(const Waiting& waiting) {
  static std::chrono::nanoseconds seen{0};
  static std::chrono::nanoseconds next = kTellAfter;
  if (waiting.waited <= seen) next = kTellAfter;  // a new request
  seen = waiting.waited;
  if (waiting.waited < next) return;
  next = waiting.waited + kTellAgain;
  fmt::print(stderr, "[ LOCKABLE ] {}\n", describe(waiting));
}

// For each part the outer allocation that serves it, or nullptr where a new one is needed. An outer one goes
// to a part that cannot do without it rather than to one that can.
Holding share_out(const std::vector<Requirements::Part>& parts, const Holding& outer,
                  const Inventory& inventory) {
  std::vector<std::vector<int>> choices(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t k = 0; k < outer.size(); ++k)
      if (parts[i].query.matches(outer[k]->resource_info())) choices[i].push_back(static_cast<int>(k));
    for (std::size_t k = 0; k < inventory.resources().size(); ++k) {
      const Resource& resource = inventory.resources()[k];
      const bool ours = std::any_of(outer.begin(), outer.end(),
                                    [&](const auto& held) { return held->resource_id() == resource.id; });
      if (!ours && parts[i].query.matches(resource.info))
        choices[i].push_back(static_cast<int>(outer.size() + k));
    }
  }
  Holding result(parts.size());
  const auto chosen = planner::assign(choices);
  for (std::size_t i = 0; chosen && i < parts.size(); ++i)
    if (const auto k = static_cast<std::size_t>((*chosen)[i]); k < outer.size()) result[i] = outer[k];
  return result;
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
    options.on_warning = [](const std::string& text) {
      fmt::print(stderr, "[ LOCKABLE ] warning: {}\n", text);
    };
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

bool Levels::holds(Index level) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return held_[level].has_value();
}

Holding Levels::serve(Index level, const Requirements& requirements) {
  Holding outer;
  for (int index = level - 1; index >= 0; --index)
    if (held_[index]) outer.insert(outer.end(), held_[index]->begin(), held_[index]->end());
  const Requirements complete = requirements.with_defaults(lab().options().hostname);
  const auto parts = complete.parts();
  Holding result(parts.size());
  if (!outer.empty()) result = share_out(parts, outer, *lab().inventory());
  Json missing = Json::array();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (result[i] != nullptr) continue;
    missing.push_back(parts[i].query.json());
    missing.back().erase("$count");
    missing.back().erase("$as");
    if (!parts[i].role.empty()) missing.back()["$as"] = parts[i].role;
  }
  if (missing.empty()) return result;
  std::vector<Allocation> own = missing.size() == parts.size()
                                    ? lab().lock_many(requirements, flags().timeout)
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
