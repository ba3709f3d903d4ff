// Standard streams that are closed, broken or full: never a reason to lose the lock, the command or its exit
// code.
#include <signal.h>

#include "support/bench.h"

namespace lockable::testing {
namespace {

class StreamsTest : public Bench {
 protected:
  // `lockable` with these redirections of a shell, which then prints its exit code.
  Ended redirected(const std::string& arguments, const std::string& redirections) const {
    Command command = lockable({});
    command.env["lockable"] = LOCKABLE_COMMAND;
    command.argv = {"bash", "-c", "$lockable " + arguments + " " + redirections + "; echo ${PIPESTATUS[0]}"};
    return run(command);
  }
};

constexpr const char* kRedirections[] = {"2> /dev/full",   "> /dev/full 2>&1", "2>&-",
                                         "0<&- >&- 2>&-",  "2>&1 | true",      "2> >(exec 0<&-; sleep 0.1)",
                                         "2>&1 >&- | true"};

TEST_F(StreamsTest, TheCommandsExitCodeIsPassedOn) {
  // The command leaves something running, of which the wrapper warns.
  for (const char* redirections : kRedirections) {
    const Ended ended =
        redirected("-- sh -c 'sleep 0.3 > /dev/null 2>&1 < /dev/null & sleep 0.05; exit 7'", redirections);
    EXPECT_EQ(ended.out, "7\n") << redirections << ended.err;
    EXPECT_TRUE(free());
  }
}

TEST_F(StreamsTest, ErrorsKeepTheirExitCode) {
  for (const char* redirections : kRedirections) {
    EXPECT_EQ(redirected("--requirements a -- true", redirections).out, "65\n") << redirections;
    EXPECT_EQ(redirected("--requirements id=nope -- true", redirections).out, "69\n") << redirections;
    EXPECT_EQ(redirected("--nope", redirections).out, "64\n") << redirections;
    EXPECT_EQ(redirected("-- no-such-command", redirections).out, "127\n") << redirections;
  }
}

TEST_F(StreamsTest, WaitingGoesOnWhenNobodyReadsTheMessages) {
  Process holder(lockable({"--die-with-parent", "--", "sh", "-c", "echo ready; exec sleep 600"}));
  holder.await_output("ready");
  for (const char* redirections : kRedirections)
    EXPECT_EQ(redirected("--timeout 0.1 -- true", redirections).out, "75\n") << redirections;
}

TEST_F(StreamsTest, TheCommandDiesOfABrokenPipeAsEver) {
  EXPECT_EQ(redirected("-- sh -c 'while :; do echo y; done'", "| head -1 > /dev/null").out, "141\n");
  EXPECT_TRUE(free());
}

}  // namespace
}  // namespace lockable::testing
