/// \file
/// Real processes for tests: start one, feed it, read what it printed, kill it, wait for it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lockable::testing {

/// Whether the text has that part.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// How a process ended and what it printed.
struct Ended {
  int exit_code = -1;  ///< as a shell shows it: 128+n for signal n
  std::string out;
  std::string err;
};

struct Command {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  ///< added to our own; LOCKABLE_* of our own is not passed on
  std::string folder;                      ///< to start in; empty: ours
  std::string input;                       ///< its standard input
};

/// A command made ready, so that a forked child has system calls left only.
class PreparedCommand {
 public:
  explicit PreparedCommand(const Command& command);
  /// In the child.
  [[noreturn]] void become();

 private:
  std::vector<std::string> argv_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_pointers_;
  std::vector<char*> environment_pointers_;
  std::string folder_;
};

/// A child process with its output going to files. The destructor kills it (SIGKILL) and reaps it.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void kill(int signal) const;
  /// Waits for its end; a test failure (exception) after `limit`.
  Ended wait(std::chrono::seconds limit = std::chrono::seconds(60));
  bool running();
  /// What it printed so far.
  std::string out() const;
  std::string err() const;
  /// Waits until its output (stdout, then stderr) contains the text; throws after `limit`, with what it
  /// printed.
  void await_output(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(30));

 private:
  bool reap(bool block);
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  std::string folder_;  // of the files that catch its output
};

/// Runs to the end.
Ended run(const Command& command, std::chrono::seconds limit = std::chrono::seconds(60));

/// Looks again every few milliseconds until it holds; throws after `limit`, naming `what`.
void await(const std::string& what, const std::function<bool()>& holds,
           std::chrono::seconds limit = std::chrono::seconds(30));

}  // namespace lockable::testing
