// Looking at all processes without allocating.
#include "platform/process_table.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "platform/child.h"
#include "support/process.h"

namespace lockable::platform {
namespace {

/// A child that sleeps with so long a variable in front of the one that has the mark.
class Marked {
 public:
  Marked(std::size_t before, const std::string& mark) {
    std::vector<std::string> variables;
    for (constexpr std::size_t kPiece = 100'000; before > 0;) {  // one variable may have 128 KB (execve(2))
      const std::size_t length = before > kPiece + 2 ? kPiece : before;
      variables.push_back("F" + std::string(length > 2 ? length - 2 : 0, 'x'));  // and its end
      before -= length;
    }
    variables.push_back(mark);
    std::vector<char*> pointers;
    for (std::string& variable : variables) pointers.push_back(variable.data());
    pointers.push_back(nullptr);
    char name[] = "sleep", time[] = "600";
    char* argv[] = {name, time, nullptr};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execvpe(name, argv, pointers.data());
      ::_exit(127);
    }
    testing::await("it runs", [this] { return process_name() == "sleep"; });
  }
  ~Marked() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Marked(const Marked&) = delete;
  Marked& operator=(const Marked&) = delete;

 private:
  std::string process_name() const {
    for (const ProcessName& process : descendants())
      if (process.pid == pid_) return process.name;
    return "";
  }
  pid_t pid_ = 0;
};

TEST(ProcessTable, FindsAMarkWhereverItStands) {
  ProcessTable table;
  const std::string mark = "MARK=of " + std::to_string(::getpid());
  constexpr std::size_t kBuffer = std::size_t{64} << 10U;  // what is read at once
  for (const std::size_t before : {std::size_t{0}, kBuffer - 8, kBuffer - 1, kBuffer, 3 * kBuffer - 4}) {
    {
      const Marked marked(before, mark);
      table.look(0, mark);
      EXPECT_TRUE(table.found_any()) << before << " bytes before it";
    }
    table.look(0, mark);
    EXPECT_FALSE(table.found_any()) << "it has ended";
  }
}

TEST(ProcessTable, NobodyIsAskedForWithoutRootAndMark) {
  ProcessTable table;
  const Marked marked(0, "MARK=of another test");
  table.look(0, "");
  EXPECT_FALSE(table.found_any());
  table.look(::getpid(), "");
  EXPECT_TRUE(table.found_any());
}

}  // namespace
}  // namespace lockable::platform
