// The flags of a test program and their environment variables.
#include "gtest/flags.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace lockable::gtest_internal {
namespace {

using namespace std::chrono_literals;

class FlagsTest : public ::testing::Test {
 protected:
  ~FlagsTest() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    set_.push_back(name);
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  static std::string problem(const std::string& word) { return read_flags({word}).problem; }

  std::vector<std::string> set_;
};

TEST_F(FlagsTest, Defaults) {
  const Flags flags = read_flags({});
  EXPECT_EQ(flags.options.resources, "resources.json");
  EXPECT_EQ(flags.options.store, "");
  EXPECT_EQ(flags.options.lock_folder, "");
  EXPECT_EQ(flags.options.hostname, "");
  EXPECT_EQ(flags.requirements, std::nullopt);
  EXPECT_EQ(flags.timeout, 1000s);
  EXPECT_FALSE(flags.skip_when_missing || flags.list_requirements || flags.death_test_child);
  EXPECT_EQ(flags.problem, "");
}

TEST_F(FlagsTest, FlagsWinOverVariables) {
  set("LOCKABLE_RESOURCES", "/env.json");
  set("LOCKABLE_REQUIREMENTS", "a=b");
  set("LOCKABLE_TIMEOUT", "2.5");
  set("LOCKABLE_HOSTNAME", "lab");
  set("LOCKABLE_ON_MISSING", "skip");
  set("LOCKABLE_LIST_REQUIREMENTS", "1");
  set("LOCKABLE_PROBE", "ping $X");
  set("LOCKABLE_PROBE_TIMEOUT", "1.5");
  set("LOCKABLE_SET_ASIDE_FOR", "7");
  set("LOCKABLE_QUARANTINE_AFTER", "3");
  const Flags env = read_flags({"--gtest_filter=x", "other"});
  EXPECT_EQ(env.options.resources, "/env.json");
  EXPECT_EQ(env.requirements, "a=b");
  EXPECT_EQ(env.timeout, 2500ms);
  EXPECT_EQ(env.options.hostname, "lab");
  EXPECT_TRUE(env.skip_when_missing && env.list_requirements);
  EXPECT_EQ(env.options.probe, "ping $X");
  EXPECT_EQ(env.options.probe_timeout, 1500ms);
  EXPECT_EQ(env.options.set_aside_for, 7s);
  EXPECT_EQ(env.options.quarantine_after, 3);
  const Flags health = read_flags({"--lockable_probe=", "--lockable_probe_timeout=0",
                                   "--lockable_set_aside_for=0", "--lockable_quarantine_after=0"});
  EXPECT_EQ(health.options.probe, "");
  EXPECT_EQ(health.options.probe_timeout + health.options.set_aside_for, 0s);
  EXPECT_EQ(health.options.quarantine_after, 0);
  const Flags told =
      read_flags({"--lockable_resources=/a=b.json", "--lockable_requirements=", "--lockable_timeout=0",
                  "--lockable_hostname=x", "--lockable_on_missing=fail", "--lockable_list_requirements=0"});
  EXPECT_EQ(told.options.resources, "/a=b.json");
  EXPECT_EQ(told.requirements, "");
  EXPECT_EQ(told.timeout, 0s);
  EXPECT_EQ(told.options.hostname, "x");
  EXPECT_FALSE(told.skip_when_missing || told.list_requirements);
  EXPECT_EQ(told.problem, "");
}

// As the command does it.
TEST_F(FlagsTest, AFolderOrStoreGivenHereWinsOverTheEnvironments) {
  set("LOCKABLE_STORE", "file:/env-store");
  EXPECT_EQ(read_flags({}).options.store, "file:/env-store");
  const Flags told = read_flags({"--lockable_lock_folder=/told"});
  EXPECT_EQ(told.options.store, "");
  EXPECT_EQ(told.options.lock_folder, "/told");
  EXPECT_EQ(read_flags({"--lockable_store=file:/told"}).options.store, "file:/told");
}

TEST_F(FlagsTest, Disabled) {
  EXPECT_FALSE(read_flags({}).disabled);
  for (const char* on : {"1", "yes", "true", "whatever"}) {
    set("LOCKABLE_DISABLE", on);
    EXPECT_TRUE(read_flags({}).disabled) << on;
  }
  for (const char* off : {"", "0", "no", "NO", "False"}) {
    set("LOCKABLE_DISABLE", off);
    EXPECT_FALSE(read_flags({}).disabled) << off;
  }
}

TEST_F(FlagsTest, MistakesAreNamed) {
  for (const char* text : {"", "-1", "two", "3x", "99999999999"})
    EXPECT_EQ(problem(std::string("--lockable_quarantine_after=") + text),
              std::string("lockable: quarantine_after: expected a number, 0 or more, found '") + text + "'");
  EXPECT_EQ(problem("--lockable_probe_timeout=x"),
            "lockable: probe_timeout: expected seconds, 0 or more, found 'x'");
  EXPECT_EQ(problem("--lockable_ressources=x"), "lockable: unknown flag --lockable_ressources=x");
  EXPECT_EQ(problem("--lockable_"), "lockable: unknown flag --lockable_");
  EXPECT_EQ(problem("--lockable_timeout"), "lockable: expected a value: --lockable_timeout=…");
  EXPECT_EQ(problem("--lockable_on_missing=maybe"),
            "lockable: on_missing: expected fail or skip, found 'maybe'");
  for (const char* text : {"", "soon", "-1", "1s", "nan", "-inf", " 1", "0x10", "1e"})
    EXPECT_EQ(problem(std::string("--lockable_timeout=") + text),
              std::string("lockable: timeout: expected seconds, 0 or more, found '") + text + "'");
  EXPECT_EQ(problem("-lockable_x"), "");
  EXPECT_EQ(problem("lockable_x"), "");
}

TEST_F(FlagsTest, TimeoutsNeverOverflow) {
  for (const char* huge : {"1e300", "inf", "9223372037", "99999999999999999999"}) {
    const Flags flags = read_flags({std::string("--lockable_timeout=") + huge});
    EXPECT_EQ(flags.problem, "");
    EXPECT_GT(flags.timeout, 24h * 365 * 100) << huge;
  }
  EXPECT_EQ(read_flags({"--lockable_timeout=0.0015"}).timeout, 1500us);
}

TEST_F(FlagsTest, TheChildOfADeathTestIsKnown) {
  EXPECT_TRUE(read_flags({"--gtest_internal_run_death_test=/x|5|6|7"}).death_test_child);
}

}  // namespace
}  // namespace lockable::gtest_internal
