#include "gtest/registry.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace lockable::gtest_internal {
namespace {

using ::testing::TestInfo;
using ::testing::TestSuite;
using ::testing::internal::SetUpTestSuiteFunc;
using ::testing::internal::TestFactoryBase;
using ::testing::internal::TypeId;

struct SuiteFunctions {
  SetUpTestSuiteFunc set_up = nullptr;
  SetUpTestSuiteFunc tear_down = nullptr;
};

// GoogleTest keeps to itself which class a suite's fixture is and how a test is made. An explicit
// instantiation may name private members ([temp.explicit]); the friend function then hands them out.
template <TypeId const TestInfo::*Member>
struct FixtureOf {
  friend TypeId fixture_of(const TestInfo& test) { return test.*Member; }
};
template <TestFactoryBase* const TestInfo::*Member>
struct FactoryOf {
  friend TestFactoryBase* factory_of(const TestInfo& test) { return test.*Member; }
};
template <SetUpTestSuiteFunc TestSuite::*SetUp, SetUpTestSuiteFunc TestSuite::*TearDown>
struct FunctionsOf {
  friend SuiteFunctions exchange_functions(TestSuite& suite, const SuiteFunctions& functions) {
    return {std::exchange(suite.*SetUp, functions.set_up),
            std::exchange(suite.*TearDown, functions.tear_down)};
  }
};
TypeId fixture_of(const TestInfo& test);
TestFactoryBase* factory_of(const TestInfo& test);
SuiteFunctions exchange_functions(TestSuite& suite, const SuiteFunctions& functions);
template struct FixtureOf<&TestInfo::fixture_class_id_>;
template struct FactoryOf<&TestInfo::factory_>;
template struct FunctionsOf<&TestSuite::set_up_tc_, &TestSuite::tear_down_tc_>;

struct Registry {
  std::map<TypeId, Demand> fixtures;
  std::set<std::pair<std::string, std::string>> tests;  // of LOCKABLE_TEST_F
  Json* listing = nullptr;                              // where the demand of the test being listed goes
  SuiteFunctions kept;                                  // of the suite that is not set up
};

Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

bool demanding(const TestSuite& suite, const TestInfo& test) {
  if (registry().fixtures.count(fixture_of(test)) > 0) return true;
  return registry().tests.count({suite.name(), test.name()}) > 0;
}

}  // namespace

bool register_fixture(TypeId fixture, const Demand& demand) {
  return registry().fixtures.emplace(fixture, demand).second;
}

bool register_test(const char* suite, const char* test) {
  return registry().tests.emplace(suite, test).second;
}

const Demand* suite_demand(const TestSuite& suite) {
  if (suite.total_test_count() == 0) return nullptr;
  const auto known = registry().fixtures.find(fixture_of(*suite.GetTestInfo(0)));
  const bool whole = known != registry().fixtures.end() && known->second.level == Level::kSuite;
  return whole ? &known->second : nullptr;
}

void keep_from_being_set_up(const TestSuite& suite) {
  // GoogleTest's own object, which its interface shows as const.
  registry().kept = exchange_functions(const_cast<TestSuite&>(suite), {});  // NOLINT(*-const-cast)
}

void restore_functions(const TestSuite& suite) {
  if (registry().kept.set_up == nullptr && registry().kept.tear_down == nullptr) return;
  exchange_functions(const_cast<TestSuite&>(suite), registry().kept);  // NOLINT(*-const-cast)
  registry().kept = {};
}

Json list_requirements(bool all_tests) {
  Json all = Json::object();
  const ::testing::UnitTest& program = *::testing::UnitTest::GetInstance();
  for (int s = 0; s < program.total_test_suite_count(); ++s) {
    const TestSuite& suite = *program.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const TestInfo& test = *suite.GetTestInfo(t);
      if (!(all_tests || test.should_run()) || !demanding(suite, test)) continue;
      registry().listing = &all[std::string(suite.name()) + "." + test.name()];
      factory_of(test)->CreateTest();  // sets GetParam(), then comes to note_demand()
      registry().listing = nullptr;
    }
  }
  return all;
}

bool note_demand(const Demand& demand) noexcept {
  Json* const listing = registry().listing;
  if (listing == nullptr) return false;
  try {
    *listing = demand.requirements().json();
  } catch (const std::exception& error) {
    *listing = {{"error", error.what()}};
  } catch (...) {
    *listing = {{"error", kOddException}};
  }
  return true;
}

}  // namespace lockable::gtest_internal
