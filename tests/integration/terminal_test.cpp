// `lockable` at a terminal: the command has it, as if it had been started without.
#include "support/bench.h"
#include "support/pseudo_terminal.h"

namespace lockable::testing {
namespace {

class TerminalTest : public Bench {};

TEST_F(TerminalTest, AShellReadsTheTerminal) {
  AtTerminal terminal(lockable({"--", "sh", "-c", "printf 'ask> '; read answer; echo got $answer; exit 6"}));
  terminal.await_screen("ask> ");
  terminal.type("blue\n");
  terminal.await_screen("got blue");
  EXPECT_EQ(terminal.wait(), 6);
}

TEST_F(TerminalTest, ControlCReachesTheCommandOnly) {
  AtTerminal terminal(lockable(
      {"--", "sh", "-c", "trap 'echo caught; exit 8' INT; echo armed; while :; do sleep 0.01; done"}));
  terminal.await_screen("armed");
  terminal.type("\x03");
  terminal.await_screen("caught");
  EXPECT_EQ(terminal.wait(), 8);
}

TEST_F(TerminalTest, ControlZStopsTheWholeJobAndFgContinuesIt) {
  Command shell = lockable({});
  const std::string command = shell.argv.front();
  shell.argv = {"bash", "--norc", "--noprofile", "-i"};
  shell.env["PS1"] = "prompt> ";
  AtTerminal terminal(shell);
  terminal.await_screen("prompt> ");
  terminal.type(command + " -- sh -c 'echo st''arted; read x; echo got $x'\n");
  terminal.await_screen("started");
  terminal.clear();
  terminal.type("\x1a");
  terminal.await_screen("Stopped");
  terminal.await_screen("prompt> ");
  EXPECT_FALSE(free());  // stopped is held
  terminal.clear();
  terminal.type("fg\n");
  terminal.await_screen("lockable --");
  terminal.type("word\n");
  terminal.await_screen("got word");
  terminal.await_screen("prompt> ");
  EXPECT_TRUE(free());
  terminal.type("exit\n");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(TerminalTest, TheShellHasItsTerminalBackAfterwards) {
  Command shell = lockable({});
  const std::string command = shell.argv.front();
  shell.argv = {"sh", "-c", command + " -- true; read x; echo after $x"};
  AtTerminal terminal(shell);
  terminal.type("one\n");
  terminal.await_screen("after one");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(TerminalTest, WaitingIsOneLiveLine) {
  Process holder(lockable({"--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  AtTerminal terminal(lockable({"--", "echo", "got it"}));
  terminal.await_screen(" s of 1000 s, place 1 of 1: b1 held for ");
  terminal.clear();
  terminal.await_screen("\rlockable: ");  // again, over the first
  EXPECT_EQ(terminal.shown().find('\n'), std::string::npos);
  holder.kill(SIGTERM);
  terminal.await_screen("\r\x1b[Kgot it");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(TerminalTest, EightyColumnsTellTheHolderWhateverIsAskedFor) {
  Process holder(lockable({"--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  AtTerminal terminal(
      lockable({"--requirements", R"({"note":{"$exists":false},"type":"dut"})", "--", "true"}), 80);
  terminal.await_screen("place 1 of 1: b1 held for ");
  terminal.await_screen("…\x1b[K");
  const std::string& shown = terminal.shown();
  const auto start = shown.find("lockable: ");
  EXPECT_EQ(shown.find("…\x1b[K") - start, 78U) << shown;
  EXPECT_NE(shown.find(" by "), shown.npos) << shown;
  holder.kill(SIGTERM);
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(TerminalTest, ControlCEndsWaiting) {
  Process holder(lockable({"--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  AtTerminal terminal(lockable({"--", "true"}));
  terminal.await_screen("b1 held for");
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 130);
}

TEST_F(TerminalTest, UnderCTestTheTerminalIsLeftAlone) {
  folder_.write("settings.json", R"({"requirements": ["{}"]})");
  Command shell = lockable({});
  const std::string command = shell.argv.front();
  shell.argv = {"sh", "-c", command + " --ctest settings.json -- sleep 600; exit $?"};
  AtTerminal terminal(shell);
  terminal.await_screen("lockable: allocated b1");
  terminal.type("\x03");  // reaches us, and the command through us
  EXPECT_EQ(terminal.wait(), 130);
  EXPECT_TRUE(free());
}

}  // namespace
}  // namespace lockable::testing
