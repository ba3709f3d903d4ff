// A test program as users write them; gtest_test.cpp runs it.
#include <lockable/gtest.h>
#include <lockable/lock_store.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace {

// What the tests of this program did, for those who run it.
void note(const std::string& text) { std::cout << "note: " << text << "\n" << std::flush; }

std::string pid_file(const std::string& id) {
  const char* folder = std::getenv("LOCKABLE_LOCK_FOLDER");
  return std::string(folder != nullptr ? folder : "/tmp") + "/" + id + ".pid";
}
bool held(const std::string& id) {
  const char* store = std::getenv("LOCKABLE_STORE");
  if (store != nullptr) return !lockable::open_store({store})->holders(id).empty();
  return std::ifstream(pid_file(id)).good();
}

struct Witness {
  explicit Witness(const char* what) : what_(what) {
    note(std::string(what_) + " made, held " + (held("b1") ? "yes" : "no"));
  }
  ~Witness() { note(std::string(what_) + " gone, held " + (held("b1") ? "yes" : "no")); }
  const char* what_;
};

class Radio : public lockable::Test {
  LOCKABLE_TEST("id=b1");
  std::string id_in_initialiser_ = resource()["id"];
  Witness member_{"member"};

  void SetUp() override {}  // does not call the base's
};

TEST_F(Radio, HasIt) {
  EXPECT_EQ(resource()["id"], "b1");
  EXPECT_EQ(id_in_initialiser_, "b1");
  EXPECT_TRUE(resource()["no such key"].is_null());
  EXPECT_TRUE(held("b1"));
}
TEST_F(Radio, Again) { note(allocation().alloc_id().empty() ? "no id" : "has an id"); }

LOCKABLE_TEST_F(Radio, NeedsTwo, R"([{"type":"dut","$as":"a"},{"type":"dut","$as":"b"}])") {
  EXPECT_NE(resource("a")["id"], resource("b")["id"]);
  EXPECT_EQ(resource()["id"], resource("a")["id"]);
  EXPECT_THROW(resource("c"), lockable::Error);
}

class DerivedRadio : public Radio {};
TEST_F(DerivedRadio, Inherits) { EXPECT_EQ(resource()["id"], "b1"); }

class OtherRadio : public Radio {
  LOCKABLE_TEST("id=b2");
};
TEST_F(OtherRadio, ReplacesTheBases) { EXPECT_EQ(resource()["id"], "b2"); }

using AliasRadio = OtherRadio;
TEST_F(AliasRadio, Works) { EXPECT_EQ(resource()["id"], "b2"); }

class ByParam : public lockable::Test, public ::testing::WithParamInterface<std::string> {
  LOCKABLE_TEST("id=" + GetParam());
};
TEST_P(ByParam, Gets) { EXPECT_EQ(resource()["id"], GetParam()); }
INSTANTIATE_TEST_SUITE_P(Boards, ByParam, ::testing::Values("b1", "b2"));

template <typename T>
class Typed : public lockable::Test {
  LOCKABLE_TEST("type=dut");
};
using Types = ::testing::Types<int, char>;
TYPED_TEST_SUITE(Typed, Types);
TYPED_TEST(Typed, Works) { EXPECT_EQ(this->resource()["type"], "dut"); }

class alignas(128) Aligned : public lockable::Test {
  LOCKABLE_TEST("type=dut");

 public:
  Aligned() { EXPECT_EQ(reinterpret_cast<std::uintptr_t>(this) % 128, 0U); }
};
TEST_F(Aligned, IsAligned) { EXPECT_EQ(resource()["type"], "dut"); }

class Shared : public lockable::SuiteTest {
  LOCKABLE_TEST("type=dut");
  static void SetUpTestSuite() {
    first_ = allocation().alloc_id();
    note("suite set up with " + resource()["id"].get<std::string>());
  }
  static void TearDownTestSuite() {
    note(std::string("suite torn down, held ") + (held(resource()["id"]) ? "yes" : "no"));
  }
  static std::string first_;
};
std::string Shared::first_;
TEST_F(Shared, One) { EXPECT_EQ(allocation().alloc_id(), first_); }
TEST_F(Shared, Two) { EXPECT_EQ(allocation().alloc_id(), first_); }
LOCKABLE_TEST_F(Shared, ServedFromTheSuite, "type=dut") { EXPECT_EQ(allocation().alloc_id(), first_); }
LOCKABLE_TEST_F(Shared, OneMore, R"([{"type":"dut"},{"type":"dut","$as":"second"}])") {
  EXPECT_EQ(allocation().alloc_id(), first_);
  EXPECT_NE(resource("second")["id"], resource()["id"]);
}

class Dies : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
using DiesDeathTest = Dies;
void die_if_held() {
  if (lockable::Test::resource()["id"] == "b1" && held("b1")) std::cerr << "dying with b1\n";
  std::_Exit(3);
}
TEST_F(DiesDeathTest, Fast) {
  ::testing::FLAGS_gtest_death_test_style = "fast";
  EXPECT_EXIT(die_if_held(), ::testing::ExitedWithCode(3), "dying with b1");
  EXPECT_TRUE(held("b1"));
  EXPECT_FALSE(allocation().lost());
}
TEST_F(DiesDeathTest, Threadsafe) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(die_if_held(), ::testing::ExitedWithCode(3), "dying with b1");
  EXPECT_TRUE(held("b1"));
  EXPECT_FALSE(allocation().lost());
}
TEST_F(DiesDeathTest, AChildThatLivesOnDoesNotKeepTheLock) {
  if (::fork() == 0) {
    ::execlp("sleep", "sleep", "600", nullptr);
    std::_Exit(1);
  }
  if (::fork() == 0) {
    for (;;) ::pause();
  }
  note("left children in group " + std::to_string(::getpgrp()));
}

class SharedDies : public lockable::SuiteTest {
  LOCKABLE_TEST("id=b1");
  static void SetUpTestSuite() { EXPECT_EQ(resource()["id"], "b1"); }
};
using SharedDiesDeathTest = SharedDies;
LOCKABLE_TEST_F(SharedDiesDeathTest, AtEveryLevel, "id=b2") {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto tell_all = [] {
    std::cerr << lockable::Environment::resource()["id"] << resource()["id"];
    std::_Exit(3);
  };
  EXPECT_EXIT(tell_all(), ::testing::ExitedWithCode(3), "b3.*b2");
  EXPECT_TRUE(held("b1") && held("b2") && held("b3"));
  EXPECT_FALSE(allocation().lost());
}

class Nothing : public lockable::Test {};
TEST_F(Nothing, HasNothingToGive) { EXPECT_THROW(resource(), lockable::Error); }

TEST(Plain, RunsAsEver) { note("plain ran"); }

class Missing : public lockable::Test {
  LOCKABLE_TEST("type=no-such-type");
  Missing() { note("constructed all the same"); }
};
TEST_F(Missing, IsNeverRun) { note("ran all the same"); }

class MissingSuite : public lockable::SuiteTest {
  LOCKABLE_TEST("type=no-such-type");
  static void SetUpTestSuite() { note("set up all the same with " + resource()["id"].get<std::string>()); }
  static void TearDownTestSuite() { note("torn down all the same"); }
};
TEST_F(MissingSuite, IsNeverRun) { note("ran all the same"); }

class BadText : public lockable::Test {
  LOCKABLE_TEST("{");
};
TEST_F(BadText, IsNeverRun) { note("ran all the same"); }

std::string throws_a_number() { throw 42; }
class Throws : public lockable::Test {
  LOCKABLE_TEST(throws_a_number());
};
TEST_F(Throws, IsNeverRun) { note("ran all the same"); }

class Loses : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
TEST_F(Loses, ItsLock) { ::unlink(pid_file("b1").c_str()); }

// How their use went counts (health_test.cpp).
class Outcomes : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
TEST_F(Outcomes, DISABLED_Fails) { FAIL() << "as asked"; }
TEST_F(Outcomes, DISABLED_Skips) { GTEST_SKIP(); }
TEST_F(Outcomes, Passes) {}
class SuiteOutcomes : public lockable::SuiteTest {
  LOCKABLE_TEST("id=b2");
};
TEST_F(SuiteOutcomes, DISABLED_Fails) { FAIL() << "as asked"; }
TEST_F(SuiteOutcomes, Passes) {}

class RunsATool : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
TEST_F(RunsATool, ThatTakesABoardItself) { EXPECT_EQ(std::system(std::getenv("TOOL")), 0); }

class Waits : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
TEST_F(Waits, UntilToldToGoOn) {
  note("waiting to be told");
  std::string line;
  while (!std::ifstream("go")) ::usleep(1000);
}

}  // namespace
