// The command line of `lockable` and the environment it takes its defaults from.
#include "cli/command_line.h"

#include <gtest/gtest.h>
#include <lockable/error.h>
#include <stdlib.h>

#include "cli/exit_code.h"
#include "support/temp_folder.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

class CommandLineTest : public ::testing::Test {
 protected:
  ~CommandLineTest() override {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    set_.push_back(name);
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  CommandLine read(const std::vector<std::string>& words) {
    exit_code_ = -1;
    std::vector<const char*> argv{"lockable"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    auto line = read_command_line(static_cast<int>(argv.size()), argv.data(), exit_code_);
    refused_ = !line;
    return line.value_or(CommandLine());
  }
  // What it is refused with: the exit code and the message.
  std::string refused(const std::vector<std::string>& words) {
    ::testing::internal::CaptureStderr();
    ::testing::internal::CaptureStdout();
    read(words);
    const std::string said =
        ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
    return refused_ ? std::to_string(exit_code_) + " " + said : "taken";
  }

  int exit_code_ = -1;
  bool refused_ = false;
  std::vector<std::string> set_;
};

TEST_F(CommandLineTest, Defaults) {
  const CommandLine line = read({"true"});
  EXPECT_EQ(line.options.resources, "./resources.json");
  EXPECT_EQ(line.requirements.json(), Json::object());
  EXPECT_EQ(line.timeout, 1000s);
  EXPECT_EQ(line.run_timeout, std::nullopt);
  EXPECT_EQ(line.options.priority, 0);
  EXPECT_TRUE(line.options.inheritable);
  EXPECT_TRUE(line.bare_environment);
  EXPECT_FALSE(line.skip_when_missing);
  EXPECT_EQ(line.options.store, "");
  EXPECT_EQ(line.options.lock_folder, "");
}

TEST_F(CommandLineTest, TheEnvironmentGivesDefaultsAndOptionsWin) {
  set("LOCKABLE_RESOURCES", "/env.json");
  set("LOCKABLE_REQUIREMENTS", R"([{"a": 1, "b": [2, 3]}, {"c": "x,y"}])");
  set("LOCKABLE_TIMEOUT", "1.5");
  set("LOCKABLE_RUN_TIMEOUT", "7");
  set("LOCKABLE_HOSTNAME", "lab");
  set("LOCKABLE_PRIORITY", "-3");
  set("LOCKABLE_ON_MISSING", "skip");
  set("LOCKABLE_NOTE", "night run");
  set("LOCKABLE_PROBE", "ping $X");
  set("LOCKABLE_PROBE_TIMEOUT", "1.5");
  set("LOCKABLE_SET_ASIDE_FOR", "7");
  set("LOCKABLE_QUARANTINE_AFTER", "3");
  const CommandLine line = read({"true"});
  EXPECT_EQ(line.options.resources, "/env.json");
  EXPECT_EQ(line.requirements.json(), Json::parse(R"([{"a": 1, "b": [2, 3]}, {"c": "x,y"}])"));
  EXPECT_EQ(line.timeout, 1500ms);
  EXPECT_EQ(line.run_timeout, 7s);
  EXPECT_EQ(line.options.hostname, "lab");
  EXPECT_EQ(line.options.priority, -3);
  EXPECT_TRUE(line.skip_when_missing);
  EXPECT_EQ(line.options.note, "night run");
  EXPECT_EQ(line.options.probe, "ping $X");
  EXPECT_EQ(line.options.probe_timeout, 1500ms);
  EXPECT_EQ(line.options.set_aside_for, 7s);
  EXPECT_EQ(line.options.quarantine_after, 3);
  const CommandLine told = read({"--resources", "/told.json", "--requirements", "d=e", "--timeout", "0",
                                 "--priority", "9", "--on-missing", "fail", "--hostname=x", "true"});
  EXPECT_EQ(told.options.resources, "/told.json");
  EXPECT_EQ(told.requirements.json(), (Json{{"d", "e"}}));
  EXPECT_EQ(told.timeout, 0s);
  EXPECT_EQ(told.options.priority, 9);
  EXPECT_FALSE(told.skip_when_missing);
  EXPECT_EQ(told.options.hostname, "x");
}

TEST_F(CommandLineTest, EmptyVariablesAreAsIfNotSet) {
  for (const char* name :
       {"LOCKABLE_RESOURCES", "LOCKABLE_REQUIREMENTS", "LOCKABLE_TIMEOUT", "LOCKABLE_STORE",
        "LOCKABLE_PRIORITY", "LOCKABLE_ON_MISSING", "LOCKABLE_RUN_TIMEOUT"})
    set(name, "");
  const CommandLine line = read({"true"});
  EXPECT_EQ(line.options.resources, "./resources.json");
  EXPECT_EQ(line.timeout, 1000s);
  EXPECT_EQ(line.requirements.size(), 1);
}

TEST_F(CommandLineTest, BadVariablesAreUsageErrorsThatNameTheVariable) {
  const struct {
    const char* name;
    const char* value;
    const char* expected;
  } variables[] = {
      {"LOCKABLE_TIMEOUT", "soon", "seconds, 0 or more"},
      {"LOCKABLE_TIMEOUT", "-1", "seconds, 0 or more"},
      {"LOCKABLE_RUN_TIMEOUT", "nan", "seconds, 0 or more"},
      {"LOCKABLE_PRIORITY", "high", "an integer"},
      {"LOCKABLE_PROBE_TIMEOUT", "soon", "seconds, 0 or more"},
      {"LOCKABLE_SET_ASIDE_FOR", "-1", "seconds, 0 or more"},
      {"LOCKABLE_QUARANTINE_AFTER", "-1", "an integer from 0 to 2147483647"},
      {"LOCKABLE_QUARANTINE_AFTER", "two", "an integer"},
      {"LOCKABLE_ON_MISSING", "maybe", "fail or skip"},
  };
  for (const auto& [name, value, expected] : variables) {
    set(name, value);
    const std::string said = refused({"true"});
    EXPECT_EQ(said.rfind(std::string("64 ") + name + ": expected " + expected + ", found '" + value + "'", 0),
              0U)
        << said;
    ::unsetenv(name);
  }
}

TEST_F(CommandLineTest, AnOptionAtFaultIsNamedWhateverTheVariableSays) {
  set("LOCKABLE_TIMEOUT", "7");
  const std::string said = refused({"--timeout", "soon", "true"});
  EXPECT_EQ(said.rfind("64 --timeout: expected seconds, 0 or more, found 'soon'", 0), 0U) << said;
}

TEST_F(CommandLineTest, AFolderOrStoreGivenHereWinsOverTheEnvironments) {
  set("LOCKABLE_STORE", "file:/env-store");
  set("LOCKABLE_LOCK_FOLDER", "/env-folder");
  EXPECT_EQ(read({"true"}).options.store, "file:/env-store");
  const CommandLine folder = read({"--lock-folder", "/told", "true"});
  EXPECT_EQ(folder.options.store, "");
  EXPECT_EQ(folder.options.lock_folder, "/told");
  EXPECT_EQ(read({"--store", "file:/told", "true"}).options.store, "file:/told");
  EXPECT_NE(refused({"--store", "file:/a", "--lock-folder", "/b", "true"}).find("excludes"),
            std::string::npos);
}

TEST_F(CommandLineTest, RequirementsMayRepeatInEveryForm) {
  const auto json = [this](const std::vector<std::string>& texts) {
    std::vector<std::string> words;
    for (const std::string& text : texts) words.insert(words.end(), {"--requirements", text});
    words.emplace_back("true");
    return read(words).requirements.json();
  };
  EXPECT_EQ(json({""}), Json::object());
  EXPECT_EQ(json({"", ""}), Json::parse("[{}, {}]"));
  EXPECT_EQ(json({"a=b,c", "{\"d\": [1, 2]}"}), Json::parse(R"([{"a": "b,c"}, {"d": [1, 2]}])"));
  EXPECT_EQ(json({R"([{"a": 1, "b": [2, 3]}, {"c": "x,y"}])"}),
            Json::parse(R"([{"a": 1, "b": [2, 3]}, {"c": "x,y"}])"));
  EXPECT_EQ(json({R"([{"a": 1}])", "x=y"}), Json::parse(R"([{"a": 1}, {"x": "y"}])"));
  EXPECT_EQ(json({"a=\"quoted\" $x `y` 'z'"}), (Json{{"a", "\"quoted\" $x `y` 'z'"}}));
  EXPECT_THROW(json({"a=b", "[]"}), InvalidRequirements);
  EXPECT_THROW(json({"{"}), InvalidRequirements);
}

TEST_F(CommandLineTest, TheCommand) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(read({"echo", "a", "--timeout", "x"}).argv, (Words{"/bin/sh", "-c", "echo a --timeout x"}));
  EXPECT_EQ(read({"--", "echo", "a b", "--", "-x"}).argv, (Words{"echo", "a b", "--", "-x"}));
  EXPECT_EQ(read({"--timeout", "1", "--", "-x"}).argv, Words{"-x"});
  EXPECT_EQ(read({"--quiet", "echo", "--", "a"}).argv, (Words{"/bin/sh", "-c", "echo -- a"}));
  EXPECT_TRUE(read({"--validate-only"}).argv.empty());
  EXPECT_EQ(read({"--", ""}).argv, Words{""});
}

TEST_F(CommandLineTest, UsageErrors) {
  const struct {
    std::vector<std::string> words;
    const char* said;
  } cases[] = {
      {{}, "a command"},
      {{"--"}, "a command"},
      {{"--nope", "true"}, "--nope"},
      {{"-x", "true"}, "-x"},
      {{"--timeout"}, "--timeout"},
      {{"--timeout", "1s", "true"}, "1s"},
      {{"--timeout", "nan", "true"}, "nan"},
      {{"--timeout", "", "true"}, "--timeout"},
      {{"--timeout", "-0.001", "true"}, "-0.001"},
      {{"--run-timeout", "-1", "true"}, "-1"},
      {{"--priority", "99999999999", "true"},
       "--priority: expected an integer from -2147483648 to 2147483647, found '99999999999'\n"},
      {{"--priority", "99999999999999999999", "true"}, "2147483647, found '99999999999999999999'\n"},
      {{"--priority", "1.5", "true"}, "--priority: expected an integer, found '1.5'\n"},
      {{"--priority", "", "true"}, "--priority: expected an integer, found ''\n"},
      {{"--quarantine-after", "-1", "true"},
       "--quarantine-after: expected an integer from 0 to 2147483647, found '-1'\n"},
      {{"--on-missing", "x", "true"}, "--on-missing: expected fail or skip, found 'x'\n"},
  };
  for (const auto& one : cases) {
    const std::string said = refused(one.words);
    EXPECT_EQ(said.rfind("64 ", 0), 0U) << said;
    EXPECT_NE(said.find(one.said), said.npos) << said;
  }
  EXPECT_EQ(refused({"--version"}), "0 lockable " LOCKABLE_VERSION "\n");
}

TEST_F(CommandLineTest, TimeoutsNeverOverflow) {
  EXPECT_EQ(read({"--timeout", "0.0015", "true"}).timeout, 1500us);
  for (const char* huge : {"1e300", "inf", "9223372037", "99999999999999999999"}) {
    EXPECT_GT(read({"--timeout", huge, "true"}).timeout, 24h * 365 * 100) << huge;
    EXPECT_GT(read({"--run-timeout", huge, "true"}).run_timeout, 24h * 365 * 100) << huge;
  }
}

TEST_F(CommandLineTest, SettingsOfLockableAddTest) {
  const testing::TempFolder folder;
  const std::string path =
      folder.write("s.json", R"({"requirements": ["a=b", "{\"c\": 1}"], "run_timeout": 2.5})");
  const CommandLine line = read({"--ctest", path, "--", "true"});
  EXPECT_TRUE(line.ctest);
  EXPECT_EQ(line.requirements.json(), Json::parse(R"([{"a": "b"}, {"c": 1}])"));
  EXPECT_EQ(line.run_timeout, 2500ms);
  for (const char* text :
       {"", "{", "[]", "5", "{}", R"({"cases": ""})", R"({"requirements": 5})", R"({"requirements": [5]})",
        R"({"requirements": [], "run_timeout": "x"})", "{\"requirements\": [\"a\"]}"}) {
    folder.write("s.json", text);
    EXPECT_THROW(read({"--ctest", path, "--", "true"}), InvalidRequirements) << text;
  }
  EXPECT_THROW(read({"--ctest", folder / "none", "--", "true"}), InvalidRequirements);
}

}  // namespace
}  // namespace lockable::cli
