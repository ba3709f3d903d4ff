// The command `lockable`: options, environment, exit codes.
#include <nlohmann/json.hpp>

#include "support/bench.h"

namespace lockable::testing {
namespace {

using Json = nlohmann::json;

class CommandTest : public Bench {
 protected:
  CommandTest() : Bench(2) {}

  void write_one(const Json& more) const {
    Json resource{{"id", "x"}, {"hostname", this_host()}, {"online", true}};
    resource.update(more);
    write_inventory(Json::array({resource}).dump());
  }
};

TEST_F(CommandTest, WordsBeforeADashDashAreTheShells) {
  const Ended ended = run_lockable({"echo", "using", "$ID;", "echo", "$TYPE"});
  EXPECT_EQ(ended.out, "using b1\ndut\n");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(CommandTest, WordsAfterADashDashAreRunAsTheyAre) {
  EXPECT_EQ(run_lockable({"--", "printf", "%s|", "$ID", "a b", "--", "*"}).out, "$ID|a b|--|*|");
}

TEST_F(CommandTest, OptionsEndAtTheFirstWord) {
  EXPECT_EQ(run_lockable({"echo", "--timeout", "x", "--help"}).out, "--timeout x --help\n");
  EXPECT_EQ(run_lockable({"echo", "--", "a"}).out, "-- a\n");
}

TEST_F(CommandTest, AnEmptyValueDoesNotTakeTheNextWord) {
  EXPECT_EQ(run_lockable({"--note=", "--requirements=", "echo", "--note=", "x"}).out, "--note= x\n");
  EXPECT_EQ(run_lockable({"--note", "--note=", "--requirements=id=b1", "--", "echo", "--note="}).out,
            "--note=\n");
  EXPECT_EQ(run_lockable({"--timeout=", "true"}).exit_code, 64);
}

TEST_F(CommandTest, PassesInputOutputAndExitCodeThrough) {
  Command command = lockable({"--", "sh", "-c", "cat; echo oops >&2; exit 41"});
  command.input = "hello";
  const Ended ended = run(command);
  EXPECT_EQ(ended.out, "hello");
  EXPECT_EQ(ended.err, "oops\n");
  EXPECT_EQ(ended.exit_code, 41);
}

TEST_F(CommandTest, ExitCodes) {
  const struct {
    std::vector<std::string> arguments;
    int exit_code;
    const char* said;
  } cases[] = {
      {{"--nope", "true"}, 64, "--nope"},
      {{}, 64, "command"},
      {{"--timeout", "soon", "true"}, 64, "soon"},
      {{"--timeout", "-1", "true"}, 64, "-1"},
      {{"--on-missing", "x", "true"}, 64, "on-missing"},
      {{"--store", "file:/x", "--lock-folder", "/y", "true"}, 64, "excludes"},
      {{"--requirements", "{", "true"}, 65, "line 1, column"},
      {{"--requirements", "a", "true"}, 65, "has no '='"},
      {{"--requirements", "a=", "true"}, 65, "has no value"},
      {{"--requirements", "[[]]", "true"}, 65, "query 1"},
      {{"--requirements", R"({"a":{"$nope":1}})", "true"}, 65, "$nope"},
      {{"--requirements", "type=nope", "true"}, 69, "nearest"},
      {{"--resources", "/nowhere.json", "true"}, 74, "/nowhere.json: No such file"},
      {{"--lock-folder", "/dev/null/x", "true"}, 73, "/dev/null/x"},
      {{"--lock-folder", "/dev/null", "true"}, 73, "lock folder /dev/null"},
      {{"--store", "nope:x", "true"}, 74, "nope:x"},
      {{"--requirements", "type=nope", "--on-missing", "skip", "true"}, 77, "skipped"},
      {{"--run-timeout", "0.1", "--", "sleep", "60"}, 124, "run timeout"},
      {{"--", "/etc/passwd"}, 126, "/etc/passwd: Permission denied"},
      {{"--", "no-such-command"}, 127, "no-such-command: No such file"},
      {{"no-such-command"}, 127, "no-such-command"},
      {{"--", "sh", "-c", "kill -9 $$"}, 137, ""},
      {{"--", "sh", "-c", "kill -TERM $$"}, 143, ""},
  };
  for (const auto& one : cases) {
    const Ended ended = run_lockable(one.arguments);
    EXPECT_EQ(ended.exit_code, one.exit_code) << ended.out << ended.err;
    EXPECT_TRUE(contains(ended.out + ended.err, one.said)) << ended.out << ended.err;
    EXPECT_TRUE(free()) << one.exit_code;
  }
}

TEST_F(CommandTest, AMissingCommandLeavesNothingLocked) {
  run_lockable({"--", "no-such-command"});
  EXPECT_TRUE(free("id=b1"));
}

TEST_F(CommandTest, VersionAndHelp) {
  EXPECT_EQ(run_lockable({"--version"}).out, "lockable 0.1.0\n");
  const Ended help = run_lockable({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* option :
       {"--validate-only", "--lock-folder", "--resources", "--timeout", "--hostname", "--requirements",
        "--store", "--priority", "--on-missing", "--note", "--quiet", "--run-timeout"})
    EXPECT_TRUE(contains(help.out, option)) << option;
}

TEST_F(CommandTest, ValidatesWithoutACommand) {
  EXPECT_EQ(run_lockable({"--validate-only"}).exit_code, 0);
  write_inventory("[{\"id\": \"a\"},\n {\"id\": }]");
  const Ended ended = run_lockable({"--validate-only"});
  EXPECT_EQ(ended.exit_code, 65);
  EXPECT_TRUE(contains(ended.err, "resources.json: line 2, column 9")) << ended.err;
}

TEST_F(CommandTest, SeveralRequirementsAreSeveralResources) {
  const std::string print = "echo $LOCKABLE_ROLE_A_ID $LOCKABLE_ROLE_C2_ID $ID";
  EXPECT_EQ(
      run_lockable({"--requirements", R"({"id":"b2","$as":"a"})", "--requirements", "id=b1", print}).out,
      "b2 b2\n");
  EXPECT_EQ(run_lockable({"--requirements", R"({"$count":2,"$as":"c"})", print}).out, "b1 b2\n")
      << "the longest unused first";
  EXPECT_EQ(run_lockable({"--requirements", R"({"$count":3})", "true"}).exit_code, 69);
}

TEST_F(CommandTest, TheHostnameMayBeAnother) {
  write_one({{"hostname", "elsewhere"}});
  EXPECT_EQ(run_lockable({"true"}).exit_code, 69);
  EXPECT_EQ(run_lockable({"--hostname", "elsewhere", "true"}).exit_code, 0);
  EXPECT_EQ(run_lockable({"--requirements", "hostname=null", "true"}).exit_code, 0);
}

TEST_F(CommandTest, TheEnvironmentDescribesTheResource) {
  write_one(
      {{"serial", "0123"}, {"slot", {{"row", 3}, {"a-b", true}}}, {"tags", {"x", 1}}, {"gone", nullptr}});
  const std::string out = run_lockable({"--", "env"}).out;
  for (const char* line :
       {"\nID=x\n", "\nSERIAL=0123\n", "\nLOCKABLE_RESOURCE_SLOT_ROW=3\n",
        "\nLOCKABLE_RESOURCE_SLOT_A_B=true\n", "\nTAGS=[\"x\",1]\n", "\nLOCKABLE_RESOURCE_ONLINE=true\n"})
    EXPECT_TRUE(contains("\n" + out, line)) << line << out;
  EXPECT_FALSE(contains(out, "GONE"));
}

TEST_F(CommandTest, NamesThatAlterHowProgramsRunAreLeftAlone) {
  write_one({{"path", "/evil"}, {"ld_preload", "/evil.so"}, {"home", "/evil"}, {"http_proxy", "evil"}});
  const Ended ended = run_lockable(
      {"--", "sh", "-c", "echo $PATH $LD_PRELOAD $HOME $HTTP_PROXY; echo $LOCKABLE_RESOURCE_PATH"});
  EXPECT_FALSE(contains(ended.out.substr(0, ended.out.find('\n')), "evil")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "\n/evil\n")) << ended.out;
  for (const char* name : {"PATH", "LD_PRELOAD", "HOME", "HTTP_PROXY"})
    EXPECT_TRUE(contains(ended.err, std::string("warning: ") + name)) << ended.err;
}

TEST_F(CommandTest, AHugeValueIsNotExportedButTheAllocationsHaveIt) {
  write_one({{"blob", std::string(5 * 1024 * 1024, 'x')}, {"nul", std::string("a\0b", 3)}});
  const Ended ended = run_lockable({"--", "sh", "-c",
                                    "echo \"${BLOB-none} ${NUL-none}\"; wc -c < $LOCKABLE_ALLOCATIONS_FILE; "
                                    "echo $LOCKABLE_ALLOCATIONS_FILE"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(contains(ended.out, "none none\n")) << ended.out;
  EXPECT_GT(std::stol(ended.out.substr(ended.out.find('\n'))), 5 * 1024 * 1024);
  EXPECT_TRUE(contains(ended.err, "BLOB is not exported: blob is 5242880 bytes long")) << ended.err;
  const std::string path = ended.out.substr(ended.out.find('/'));
  EXPECT_EQ(read_text(path.substr(0, path.size() - 1)), "");
}

TEST_F(CommandTest, NoBareEnvSetsNone) {
  EXPECT_EQ(run_lockable({"--no-bare-env", "--", "sh", "-c", "echo ${ID-none} $LOCKABLE_RESOURCE_ID"}).out,
            "none b1\n");
}

TEST_F(CommandTest, UnderAnotherItAdoptsAndDoesNotWaitForItself) {
  const Ended ended = run_lockable({"--requirements", "id=b1", "--", LOCKABLE_COMMAND, "--timeout", "5",
                                    "--requirements", "type=dut", "--", "sh", "-c", "echo $ID"});
  EXPECT_EQ(ended.out, "b1\n") << ended.err;
}

TEST_F(CommandTest, ProgramsWithinMeetInTheSameFolder) {
  Command outer = lockable({"--lock-folder", "other/locks", "--resources", "other.json", "--hostname", "h",
                            "--requirements", "id=x", "--"});
  folder_.write("other.json", R"([{"id": "x", "hostname": "h", "online": true}])");
  outer.env = {{"LOCKABLE_STORE", "file:" + folder_.path() + "/elsewhere"}};
  Command inner = outer;
  inner.argv.insert(inner.argv.end(), {"sh", "-c",
                                       "cd /; unset LOCKABLE_ALLOCATIONS; " + std::string(LOCKABLE_COMMAND) +
                                           " --timeout 0 --requirements id=x -- true; echo $?"});
  EXPECT_EQ(run(inner).out, "75\n");
  outer.argv.insert(outer.argv.end(),
                    {"sh", "-c", "echo $LOCKABLE_RESOURCES $LOCKABLE_STORE $LOCKABLE_HOSTNAME"});
  EXPECT_EQ(run(outer).out, (folder_ / "other.json") + " h\n");
}

TEST_F(CommandTest, BareNamesOfTheOuterDoNotShineThrough) {
  write_inventory(Json::array({{{"id", "o"}, {"serial", "S"}, {"hostname", this_host()}, {"online", true}},
                               {{"id", "i"}, {"hostname", this_host()}, {"online", true}}})
                      .dump());
  const Ended ended =
      run_lockable({"--requirements", "id=o", "--", LOCKABLE_COMMAND, "--requirements", "id=i", "--", "sh",
                    "-c", "echo $ID ${SERIAL-none} ${LOCKABLE_RESOURCE_SERIAL-none}"});
  EXPECT_EQ(ended.out, "i none none\n") << ended.err;
}

TEST_F(CommandTest, OneProgramAtATimeAdopts) {
  const std::string inner =
      std::string(LOCKABLE_COMMAND) +
      " --timeout 20 -- sh -c 'mkdir m || echo overlap; sleep 0.05; rmdir m; echo done'";
  const Ended ended = run_lockable(
      {"--requirements", "id=b1", "--", "sh", "-c", "for i in 1 2 3 4; do " + inner + " & done; wait"});
  EXPECT_FALSE(contains(ended.out, "overlap")) << ended.out << ended.err;
  EXPECT_EQ(ended.out, "done\ndone\ndone\ndone\n") << ended.err;
}

TEST_F(CommandTest, ATimeoutSaysWhoHoldsIt) {
  Process holder(lockable({"--requirements", "id=b1", "--note", "night run", "--die-with-parent", "--", "sh",
                           "-c", "echo ready; exec sleep 60"}));
  holder.await_output("ready");
  const Ended ended = run_lockable({"--requirements", "id=b1", "--timeout", "0.2", "true"});
  EXPECT_EQ(ended.exit_code, 75);
  EXPECT_TRUE(contains(ended.err, "within 0.2 s")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "b1 held by")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "pid " + std::to_string(holder.pid()))) << ended.err;
  EXPECT_TRUE(contains(ended.err, "night run")) << ended.err;
}

TEST_F(CommandTest, TheHolderIsNamedByTheCommandNotByItsArguments) {
  const auto described = [this](std::vector<std::string> words) {
    words.insert(words.begin(), {"--requirements", "id=b1"});
    return run_lockable(words).out;
  };
  const std::string show = "sed -n 's/.*\"command\":\"\\([^\"]*\\)\".*/\\1/p' locks/b1.pid";
  EXPECT_EQ(described({"--", "/bin/sh", "-c", show, "secret"}), "sh\n");
  EXPECT_EQ(described({show}), "sed\n");
  EXPECT_EQ(described({"TOKEN=1 " + show}), "sh\n");
}

TEST_F(CommandTest, TheWaitingMessageComesOnceElsewhereThanOnATerminal) {
  Process holder(lockable(
      {"--requirements", "id=b1", "--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 60"}));
  holder.await_output("ready");
  Process waiter(lockable({"--requirements", "id=b1", "--", "echo", "got it"}));
  waiter.await_output("place 1 of 1 in the queue: b1 held by");
  holder.kill(SIGTERM);
  const Ended ended = waiter.wait();
  EXPECT_EQ(ended.out, "got it\n");
  EXPECT_EQ(ended.err.find("waiting for"), ended.err.rfind("waiting for")) << ended.err;
}

TEST_F(CommandTest, SecretsAreInNoMessage) {
  write_one({{"password", "hunter2"}, {"api", {{"token", "hunter2"}}}});
  const Ended missing = run_lockable({"--requirements", "type=no&password=wrong3", "true"});
  EXPECT_EQ(missing.exit_code, 69);
  EXPECT_FALSE(contains(missing.err, "hunter2")) << missing.err;
  EXPECT_FALSE(contains(missing.err, "wrong3")) << missing.err;
  const std::string held =
      run_lockable({"--", "sh", "-c", "echo $PASSWORD; cat " + lock_folder() + "/x.pid"}).out;
  EXPECT_EQ(held.find("hunter2"), 0U) << held;
  EXPECT_EQ(held.rfind("hunter2"), 0U) << held;
}

}  // namespace
}  // namespace lockable::testing
