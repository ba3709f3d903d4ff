// `lockablectl status`: who holds what, and who waits.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/bench.h"
#include "support/pseudo_terminal.h"

namespace lockable::testing {
namespace {

using Json = nlohmann::json;

class StatusTest : public Bench {
 protected:
  StatusTest() : Bench(2) { make_lock_folder(); }

  Command ctl(std::vector<std::string> arguments) const {
    Command command = lockable({});
    command.argv = {LOCKABLECTL_COMMAND};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }
  Json status() const {
    const Ended ended = run(ctl({"status", "--json"}));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return Json::parse(ended.out);
  }
  void await_queue(std::size_t length) const {
    await("so many wait", [&] { return status()["queue"].size() == length; });
  }
  // A command that holds what the arguments say, until it is destroyed; its command prints `held`.
  std::unique_ptr<Process> holder(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(),
                     {"--no-inherit", "--die-with-parent", "--", "sh", "-c", "echo held; exec sleep 600"});
    auto process = std::make_unique<Process>(lockable(std::move(arguments)));
    process->await_output("held");
    return process;
  }
};

TEST_F(StatusTest, AllIsFreeWhereNothingIsHeld) {
  EXPECT_EQ(run(ctl({"status"})).out, "b1: free\nb2: free\n");
  const Json json = status();
  EXPECT_EQ(json["queue"], Json::array());
  EXPECT_EQ(json["resources"][1],
            Json({{"id", "b2"}, {"state", "free"}, {"online", true}, {"holders", Json::array()}}));
}

TEST_F(StatusTest, AFolderThatIsNotThereIsNamedAndNotMade) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"status"}, {"release", "b1"}}) {
    std::vector<std::string> words = command;
    words.insert(words.end(), {"--lock-folder", folder_ / "mistyped"});
    const Ended ended = run(ctl(words));
    EXPECT_EQ(ended.exit_code, 73) << ended.out << ended.err;
    EXPECT_TRUE(contains(ended.err, (folder_ / "mistyped") + " is not there")) << ended.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "mistyped"));
  }
}

TEST_F(StatusTest, TellsWhoHoldsAndWhoWaits) {
  const auto held = holder({"--requirements", "id=b1", "--note", "nightly"});
  Process waiter(lockable({"--requirements", R"({"id":{"$in":["b1","b9"]}})", "--priority", "3", "true"}));
  await_queue(1);
  const Json json = status();
  EXPECT_EQ(json["resources"][0]["state"], "held");
  const Json& holder = json["resources"][0]["holders"][0];
  EXPECT_FALSE(holder["alloc_id"].get<std::string>().empty());
  EXPECT_EQ(holder["owner"]["pid"], held->pid());
  EXPECT_EQ(holder["owner"]["command"], "sh");
  EXPECT_EQ(holder["owner"]["note"], "nightly");
  EXPECT_EQ(json["queue"][0]["place"], 1);
  EXPECT_EQ(json["queue"][0]["priority"], 3);
  EXPECT_EQ(json["queue"][0]["waiting_for"], Json::parse(R"([["b1"]])"));
  EXPECT_EQ(json["queue"][0]["owner"]["pid"], waiter.pid());
  const std::string text = run(ctl({"status"})).out;
  EXPECT_TRUE(contains(text, "b1: held for ") && contains(text, "(sh), since 20") &&
              contains(text, ": nightly\nb2: free\n1. "))
      << text;
  EXPECT_TRUE(contains(text, ", pid " + std::to_string(waiter.pid()) + " (true) has waited ")) << text;
  EXPECT_TRUE(contains(text, " s for b1, priority 3\n")) << text;
}

TEST_F(StatusTest, TellsSlotsAndWhatIsOffline) {
  write_inventory(Json{{{"id", "gpu"}, {"slots", 4}, {"hostname", this_host()}, {"online", true}},
                       {{"id", "old"}, {"online", false}}}
                      .dump());
  const auto two = holder({"--requirements", R"({"id":"gpu","$slots":2})"});
  const auto one = holder({"--requirements", R"({"id":"gpu","$slots":1})"});
  const Json json = status();
  EXPECT_EQ(json["resources"][0]["state"], "shared");
  EXPECT_EQ(json["resources"][0]["slots"], 4);
  EXPECT_EQ(json["resources"][0]["holders"].size(), 2U);
  EXPECT_EQ(json["resources"][1]["online"], false);
  const std::string text = run(ctl({"status"})).out;
  EXPECT_TRUE(contains(text, "gpu: 3 of 4 slots held; ")) << text;
  EXPECT_TRUE(contains(text, "old: offline, free\n")) << text;
}

TEST_F(StatusTest, IsATableOnATerminalThatObeysNothingOfIt) {
  const auto held = holder({"--requirements", "id=b2", "--note",
                            "a\x1b[2Jb\xc2\x9b"
                            "2Jc\xff"});
  AtTerminal terminal(ctl({"status"}));
  terminal.await_screen("b2");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_TRUE(contains(terminal.shown(), "RESOURCE  STATE  FOR")) << terminal.shown();
  EXPECT_TRUE(contains(terminal.shown(), "a [2Jb 2Jc\xef\xbf\xbd")) << terminal.shown();
}

TEST_F(StatusTest, ABrokenInventoryDoesNotHideTheQueue) {
  const auto held = holder({"--requirements", "id=b1"});
  Process waiter(lockable({"--requirements", "id=b1", "true"}));
  await_queue(1);
  write_inventory("[");
  const Ended ended = run(ctl({"status"}));
  EXPECT_EQ(ended.exit_code, 65);
  EXPECT_TRUE(contains(ended.err, "line 1, column 2")) << ended.err;
  EXPECT_TRUE(contains(ended.out, "b1: held") && contains(ended.out, "\n1. ")) << ended.out;
}

TEST_F(StatusTest, AHolderWithoutANoteIsTheCiJobItRunsIn) {
  for (const std::string note : {"", "mine"}) {
    Command command = lockable(
        {"--requirements", "id=b1", "--note=" + note, "--", LOCKABLECTL_COMMAND, "status", "--json"});
    command.env["GITHUB_RUN_ID"] = "";  // where this test itself runs
    command.env["CI_JOB_URL"] = "https://bot:s3cret@gitlab.example/-/jobs/4";
    const Json owner = Json::parse(run(command).out)["resources"][0]["holders"][0]["owner"];
    EXPECT_EQ(owner["note"], note.empty() ? "https://gitlab.example/-/jobs/4" : note);
  }
}

TEST_F(StatusTest, NeedsNoMoreThanALookAtTheFolder) {
  { const auto held = holder({"--requirements", "id=b1"}); }
  const auto files = [this] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(lock_folder()))
      names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = files();
  run(ctl({"status"}));
  EXPECT_EQ(files(), before);
}

TEST_F(StatusTest, WatchTellsWhatChangesAndNothingElse) {
  Process watching(ctl({"status", "--watch"}));
  const std::string free = "b1: free\nb2: free\n\n", taken = "b1: free\nb2: reserved by ann\n\n";
  watching.await_output(free);
  const std::string reserved = folder_.write("reserved", "1\n{\"reserved\":true,\"user\":\"ann\"}\n");
  std::filesystem::rename(reserved, pid_file("b2"));
  watching.await_output(taken);
  std::filesystem::remove(pid_file("b2"));
  await("it is free again", [&] { return watching.out() == free + taken + free; });
  watching.kill(SIGINT);
  const Ended ended = watching.wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGINT);
  EXPECT_EQ(ended.out + ended.err, free + taken + free);
}

TEST_F(StatusTest, WatchSeesTheInventoryBreakAndComeBack) {
  write_inventory("[");
  Process watching(ctl({"status", "--watch", "--json"}));
  watching.await_output("line 1, column 2");
  write_boards(1);
  watching.await_output(R"("id":"b1")");
  for (const char c : watching.out()) EXPECT_NE(c, ' ');  // one line each
  watching.kill(SIGTERM);
  EXPECT_EQ(watching.wait().exit_code, 128 + SIGTERM);
}

TEST_F(StatusTest, WatchRedrawsATerminal) {
  AtTerminal terminal(ctl({"status", "--watch"}));
  terminal.await_screen("RESOURCE");
  const auto held = holder({"--requirements", "id=b2"});
  terminal.await_screen("held");
  EXPECT_TRUE(contains(terminal.shown(), "\x1b[H")) << terminal.shown();
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 128 + SIGINT);
}

}  // namespace
}  // namespace lockable::testing
