// What a command finds in its environment, and which names a resource may not set.
#include "cli/environment.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "allocation/variables.h"
#include "cli/protected_names.h"

namespace lockable::cli {
namespace {

Json allocation(const Json& resource, const std::string& role = "") {
  return {{"resource", resource}, {"role", role}, {"alloc_id", "a"}};
}

class EnvironmentTest : public ::testing::Test {
 protected:
  void make(const std::vector<Json>& ours, const std::vector<std::string>& inherited = {},
            const std::vector<Json>& outer = {}, bool bare_names = true) {
    made_ = command_environment(inherited, ours, outer, bare_names);
  }
  // "none" when it is not set.
  std::string value(const std::string& name) const {
    std::string found = "none";
    for (const std::string& variable : made_.variables) {
      if (variable.rfind(name + "=", 0) != 0) continue;
      EXPECT_EQ(found, "none") << name << " is set twice";
      found = variable.substr(name.size() + 1);
    }
    return found;
  }
  bool warned(const std::string& part) const {
    return std::any_of(made_.warnings.begin(), made_.warnings.end(),
                       [&part](const std::string& warning) { return warning.find(part) != warning.npos; });
  }

  CommandEnvironment made_;
};

TEST_F(EnvironmentTest, NamesAndValues) {
  make({allocation({{"id", 5},
                    {"Serial-No", "0123"},
                    {"slot", {{"row", 3}, {"at", {{"x", 1.5}}}}},
                    {"tags", {"x", 1}},
                    {"on", true},
                    {"gone", nullptr},
                    {"größe", "ä"},
                    {"empty", ""}})});
  EXPECT_EQ(value("ID"), "5");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_ID"), "5");
  EXPECT_EQ(value("SERIAL_NO"), "0123");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_SLOT_ROW"), "3");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_SLOT_AT_X"), "1.5");
  EXPECT_EQ(value("SLOT"), R"({"at":{"x":1.5},"row":3})");
  EXPECT_EQ(value("TAGS"), R"(["x",1])");
  EXPECT_EQ(value("ON"), "true");
  EXPECT_EQ(value("GONE"), "none");
  EXPECT_EQ(value("GR____E"), "ä");
  EXPECT_EQ(value("EMPTY"), "");
  EXPECT_TRUE(made_.warnings.empty());
}

TEST_F(EnvironmentTest, ProtectedNamesAreLeftAsTheyWere) {
  make({allocation(
           {{"path", "/evil"}, {"ld_preload", "/evil.so"}, {"home", "/evil"}, {"9lives", "x"}, {"", "y"}})},
       {"PATH=/bin", "HOME=/root", "OTHER=1"});
  EXPECT_EQ(value("PATH"), "/bin");
  EXPECT_EQ(value("HOME"), "/root");
  EXPECT_EQ(value("OTHER"), "1");
  EXPECT_EQ(value("LD_PRELOAD"), "none");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_PATH"), "/evil");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_LD_PRELOAD"), "/evil.so");
  EXPECT_EQ(value("9LIVES"), "none");
  for (const char* name : {"PATH", "LD_PRELOAD", "HOME"})
    EXPECT_TRUE(warned(std::string(name) + " is not set from the resource's key")) << name;
  EXPECT_TRUE(
      warned("9LIVES is not set from the resource's key \"9lives\", since it is no name of a variable"));
}

TEST_F(EnvironmentTest, WhatExecveCannotTakeIsNotExported) {
  const std::string long_key(200'000, 'k');
  make({allocation({{"blob", std::string(5'000'000, 'x')},
                    {"fits", std::string(kLongestValue - 100, 'y')},
                    {"nul", std::string("a\0b", 3)},
                    {"nul\0key", "x"},
                    {long_key, "x"},
                    {"a=b", "c"}})});
  for (const std::string& variable : made_.variables) EXPECT_LT(variable.size(), 131'072U);
  EXPECT_EQ(value("BLOB"), "none");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_BLOB"), "none");
  EXPECT_EQ(value("FITS").size(), kLongestValue - 100);
  EXPECT_EQ(value("NUL"), "none");
  EXPECT_EQ(value("A_B"), "c");
  EXPECT_TRUE(warned("BLOB is not exported: blob is 5000000 bytes long"));
  EXPECT_TRUE(warned("NUL is not exported: nul contains a NUL"));
  for (const std::string& warning : made_.warnings) EXPECT_LT(warning.size(), 500U);
  EXPECT_GT(made_.allocations.size(), 5'000'000U);
  EXPECT_EQ(value("LOCKABLE_ALLOCATIONS"), "none");
}

TEST_F(EnvironmentTest, TwoKeysWithOneNameAreToldApart) {
  make({allocation({{"a", {{"b", 1}}}, {"a-b", 2}, {"a_b", 3}})});
  EXPECT_EQ(value("A_B"), "2");
  EXPECT_TRUE(warned("A_B stands for more than one key; a_b is left out"));
  EXPECT_TRUE(warned("LOCKABLE_RESOURCE_A_B stands for more than one key"));
}

TEST_F(EnvironmentTest, RolesHaveTheirResources) {
  make({allocation({{"id", "x"}}, "dut1"), allocation({{"id", "y"}, {"path", "/p"}}, "psu"),
        allocation({{"id", "z"}})});
  EXPECT_EQ(value("ID"), "x");
  EXPECT_EQ(value("LOCKABLE_ROLE_DUT1_ID"), "x");
  EXPECT_EQ(value("LOCKABLE_ROLE_PSU_ID"), "y");
  EXPECT_EQ(value("LOCKABLE_ROLE_PSU_PATH"), "/p");
  EXPECT_EQ(Json::parse(value("LOCKABLE_ALLOCATIONS")).size(), 3U);
}

TEST_F(EnvironmentTest, NothingOfAnOuterResourceShinesThrough) {
  make({allocation({{"id", "inner"}})},
       {"ID=outer", "SERIAL=S", "LOCKABLE_BARE_NAMES=ID,SERIAL", "LOCKABLE_RESOURCE_SERIAL=S",
        "LOCKABLE_ROLE_DUT_ID=outer", "LOCKABLE_ALLOCATIONS=[]", "LOCKABLE_ALLOCATIONS_FILE=/x",
        "LOCKABLE_RESOURCES=/lab.json", "SERIAL_2=mine", "without equals"},
       {allocation({{"id", "outer"}})});
  EXPECT_EQ(value("ID"), "inner");
  for (const char* name :
       {"SERIAL", "LOCKABLE_RESOURCE_SERIAL", "LOCKABLE_ROLE_DUT_ID", "LOCKABLE_ALLOCATIONS_FILE"})
    EXPECT_EQ(value(name), "none") << name;
  EXPECT_EQ(value("LOCKABLE_BARE_NAMES"), "ID");
  EXPECT_EQ(value("LOCKABLE_RESOURCES"), "/lab.json");
  EXPECT_EQ(value("SERIAL_2"), "mine");
  EXPECT_EQ(Json::parse(value("LOCKABLE_ALLOCATIONS")).at(1).at("resource").at("id"), "outer");
  EXPECT_NE(std::find(made_.variables.begin(), made_.variables.end(), "without equals"),
            made_.variables.end());
}

TEST_F(EnvironmentTest, WithoutBareNamesThoseOfAnOuterGoAllTheSame) {
  make({allocation({{"id", "inner"}})}, {"ID=outer", "LOCKABLE_BARE_NAMES=ID"}, {}, false);
  EXPECT_EQ(value("ID"), "none");
  EXPECT_EQ(value("LOCKABLE_BARE_NAMES"), "none");
  EXPECT_EQ(value("LOCKABLE_RESOURCE_ID"), "inner");
}

TEST_F(EnvironmentTest, AnEmptyResourceIsNoTrouble) {
  make({allocation(Json::object())});
  EXPECT_EQ(value("LOCKABLE_BARE_NAMES"), "");
  EXPECT_TRUE(made_.warnings.empty());
}

TEST(ProtectedNames, AreThoseThatAlterHowProgramsRun) {
  for (const char* name : {"PATH",
                           "HOME",
                           "SHELL",
                           "IFS",
                           "ENV",
                           "TMPDIR",
                           "LD_PRELOAD",
                           "LD_LIBRARY_PATH",
                           "DYLD_INSERT_LIBRARIES",
                           "PYTHONPATH",
                           "NODE_OPTIONS",
                           "GIT_DIR",
                           "HTTP_PROXY",
                           "NO_PROXY",
                           "_PROXY",
                           "GTEST_FILTER",
                           "CTEST_OUTPUT_ON_FAILURE",
                           "CMAKE_PREFIX_PATH",
                           "LOCKABLE_RESOURCES",
                           "BASH_ENV",
                           "PERL5OPT",
                           "RUBYOPT",
                           "JAVA_TOOL_OPTIONS",
                           "GLIBC_TUNABLES",
                           "SSH_AUTH_SOCK",
                           "PROMPT_COMMAND",
                           "MAKEFLAGS"})
    EXPECT_TRUE(is_protected(name)) << name;
  for (const char* name :
       {"ID", "SERIAL", "PATHS", "MYPATH", "GIT", "LD", "TYPE", "HOSTNAME", "PROXY", "HTTP_PROXY2", ""})
    EXPECT_EQ(is_protected(name), std::string(name) == "LD") << name;
}

}  // namespace
}  // namespace lockable::cli
