/// \file
/// lockable for GoogleTest: fixtures that hold hardware. Link `lockable::gtest` (any main) or
/// `lockable::gtest_main`.
///
///     class Radio : public lockable::Test {
///       LOCKABLE_TEST("type=nrf52");                   // every test of this fixture holds one nrf52
///     };
///     TEST_F(Radio, Boots) { EXPECT_TRUE(boot(resource()["serial"])); }
///     LOCKABLE_TEST_F(Radio, Bridges, R"([{"type":"nrf52","$as":"a"},{"type":"nrf52","$as":"b"}])") {
///       connect(resource("a"), resource("b"));
///     }
///
/// The hardware is held before the first constructor of the fixture runs until after its last destructor. A
/// test that cannot get it fails with the reason and its fixture is never constructed; it is skipped where
/// `--lockable_on_missing=skip` and nothing in the inventory matches. A lock that is lost during a test fails
/// the test. Results (XML, JSON) carry the properties `resource_<key>`, `lockable_alloc_id`,
/// `lockable_queue_time_ms` and `lockable_allocated` (all resources and the host, for `lockablectl junit`);
/// secrets are hidden there.
///
/// Levels: the program (Environment, `--lockable_requirements`), the suite (SuiteTest), the test (Test). A
/// request is first served from what an outer level holds, so that a program never waits for itself. Under
/// `lockable` or lockable_add_test, requests use the surrounding allocation when it satisfies them.
///
/// Flags, each with an environment variable of the same name in capitals (`LOCKABLE_RESOURCES`), the flag
/// wins:
/// `--lockable_resources=FILE`, `--lockable_requirements=…` (held for the whole program),
/// `--lockable_timeout=SECONDS`,
/// `--lockable_store=URI`, `--lockable_lock_folder=DIR`, `--lockable_hostname=NAME`,
/// `--lockable_on_missing=fail|skip`,
/// `--lockable_probe=COMMAND`, `--lockable_probe_timeout=SECONDS`, `--lockable_set_aside_for=SECONDS`,
/// `--lockable_quarantine_after=N` (Options; an owner here is a test, a suite or the program, whichever the
/// requirements are held for: it failed when one of its tests did, a skip says nothing),
/// `--lockable_list_requirements` (prints a JSON object, test → requirements, as the last line and exits;
/// locks nothing).
///
/// The environment variable LOCKABLE_DISABLE, set to anything but nothing, `0`, `false` or `no`, skips all
/// that would hold hardware, and says so: nothing is locked, no inventory is read. Where the whole program
/// holds some, each of its tests is skipped.
///
/// Thread rule: GoogleTest's own thread makes and destroys fixtures; resource() may be called from any thread
/// while the test runs.
#pragma once

#include <gtest/gtest.h>
#include <lockable/lockable.h>

#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <type_traits>

namespace lockable {

namespace gtest_internal {

enum class Level { kSuite, kTest };

/// Where and what a LOCKABLE_TEST or LOCKABLE_TEST_F demands.
struct Demand {
  Requirements (*requirements)();
  Level level;
  const char* file;
  int line;
};

/// Memory for a fixture, once its hardware is held; nullptr after a failure or a skip, which it has reported.
void* new_test(std::size_t size, std::size_t alignment, const Demand& demand) noexcept;
/// Frees the memory and gives the test's hardware back.
void delete_test(void* memory, std::size_t alignment) noexcept;

/// Makes a fixture class known before any test runs: suites need their hardware before SetUpTestSuite().
bool register_fixture(::testing::internal::TypeId fixture, const Demand& demand);
bool register_test(const char* suite, const char* test);

template <typename Fixture>
struct Registered {
  static const bool done;
};
template <typename Fixture>
const bool Registered<Fixture>::done = register_fixture(::testing::internal::GetTypeId<Fixture>(),
                                                        Fixture::lockable_demand());

}  // namespace gtest_internal

/// Fixture whose tests hold the resources that LOCKABLE_TEST states. Without that macro it gives access to
/// what the suite or the program holds.
class Test : public ::testing::Test {
 public:
  static constexpr gtest_internal::Level lockable_level = gtest_internal::Level::kTest;

  /// The first resource of the innermost requirements: a JSON object, secrets included; asking it for a key
  /// it does not have gives null. The reference lives as long as the allocation. Throws Error when nothing is
  /// held.
  static Json& resource();
  /// The resource of that role (`$as`). Throws Error, naming the roles there are.
  static Json& resource(const std::string& role);
  /// The same as allocations.
  static Allocation& allocation();
  static Allocation& allocation(const std::string& role);
};

/// Fixture whose LOCKABLE_TEST is held from before SetUpTestSuite() until after TearDownTestSuite(): all
/// tests of a suite share the same resources. Where they cannot be had neither function is called. Its
/// requirements cannot depend on GetParam(). A fixture derived from one with the macro repeats it when its
/// own SetUpTestSuite() needs the resources.
class SuiteTest : public Test {
 public:
  static constexpr gtest_internal::Level lockable_level = gtest_internal::Level::kSuite;
};

/// Holds resources for the whole program: `AddGlobalTestEnvironment(new lockable::Environment)`. Not needed
/// where
/// `--lockable_requirements` is given: then every program that links lockable::gtest holds them, and the flag
/// wins. One for a program; a second one fails. Where they cannot be had every test fails, or is skipped for
/// that reason, and none runs.
class Environment : public ::testing::Environment {
 public:
  /// Requirements from `--lockable_requirements`, any resource when there are none.
  Environment();
  explicit Environment(Requirements requirements);
  void SetUp() override;
  void TearDown() override;

  /// As Test::resource(), of what the program holds.
  static Json& resource();
  static Json& resource(const std::string& role);

 private:
  std::optional<Requirements> requirements_;
};

}  // namespace lockable

// NOLINTBEGIN(bugprone-macro-parentheses): what stands here are members
// GoogleTest makes a fixture with `new`, and takes a null pointer for "failed already": operator new is the
// one place before the first constructor, operator delete the one after the last destructor.
#define LOCKABLE_DEMAND_(demand_level, ...)                                                                  \
 public:                                                                                                     \
  static ::lockable::Requirements lockable_requirements() { return ::lockable::Requirements(__VA_ARGS__); }  \
  static ::lockable::gtest_internal::Demand lockable_demand() {                                              \
    return {&lockable_requirements, demand_level, __FILE__, __LINE__};                                       \
  }                                                                                                          \
  static void* operator new(std::size_t size) noexcept {                                                     \
    return ::lockable::gtest_internal::new_test(size, 0, lockable_demand());                                 \
  }                                                                                                          \
  static void* operator new(std::size_t size, std::align_val_t alignment) noexcept {                         \
    return ::lockable::gtest_internal::new_test(size, static_cast<std::size_t>(alignment),                   \
                                                lockable_demand());                                          \
  }                                                                                                          \
  static void operator delete(void* memory) noexcept { ::lockable::gtest_internal::delete_test(memory, 0); } \
  static void operator delete(void* memory, std::align_val_t alignment) noexcept {                           \
    ::lockable::gtest_internal::delete_test(memory, static_cast<std::size_t>(alignment));                    \
  }

/// In a fixture derived from lockable::Test or lockable::SuiteTest: every test of the fixture holds the
/// resources. The argument is anything that lockable::Requirements can be made from, and may depend on
/// GetParam(). It replaces that of a base fixture.
#define LOCKABLE_TEST(...)                                                              \
  LOCKABLE_DEMAND_(lockable_level, __VA_ARGS__)                                         \
  virtual bool lockable_registered() const {                                            \
    return ::lockable::gtest_internal::Registered<std::decay_t<decltype(*this)>>::done; \
  }                                                                                     \
                                                                                        \
 protected:                                                                             \
  static_assert(true, "takes the semicolon")

#define LOCKABLE_NAME_(test_fixture, test_name) lockable_##test_fixture##_##test_name##_holding

/// A TEST_F with requirements of its own, which replace those of its fixture.
#define LOCKABLE_TEST_F(test_fixture, test_name, ...)                           \
  struct LOCKABLE_NAME_(test_fixture, test_name) : public test_fixture {        \
    LOCKABLE_DEMAND_(::lockable::gtest_internal::Level::kTest, __VA_ARGS__)     \
    inline static const bool lockable_known =                                   \
        ::lockable::gtest_internal::register_test(#test_fixture, #test_name);   \
  };                                                                            \
  GTEST_TEST_(test_fixture, test_name, LOCKABLE_NAME_(test_fixture, test_name), \
              ::testing::internal::GetTypeId<test_fixture>())
// NOLINTEND(bugprone-macro-parentheses)
