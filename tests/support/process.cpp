#include "support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "support/temp_folder.h"

extern char** environ;

namespace lockable::testing {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> environment(const Command& command) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::string name = text.substr(0, text.find('='));
    if (name.rfind("LOCKABLE_", 0) != 0 && command.env.count(name) == 0) result.push_back(text);
  }
  for (const auto& [name, value] : command.env) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void redirect(const std::string& path, int flags, int to) {
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(125);
  if (fd != to) ::close(fd);
}

}  // namespace

PreparedCommand::PreparedCommand(const Command& command)
    : argv_(command.argv),
      environment_(environment(command)),
      argv_pointers_(pointers(argv_)),
      environment_pointers_(pointers(environment_)),
      folder_(command.folder) {}

void PreparedCommand::become() {
  if (!folder_.empty() && ::chdir(folder_.c_str()) != 0) ::_exit(125);
  ::execvpe(argv_pointers_[0], argv_pointers_.data(), environment_pointers_.data());
  ::_exit(127);
}

Process::Process(const Command& command) {
  folder_ = (std::filesystem::temp_directory_path() / "lockable-process-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + folder_);
  const std::string in = folder_ + "/in", out = folder_ + "/out", err = folder_ + "/err";
  std::ofstream(in) << command.input;
  PreparedCommand prepared(command);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  redirect(in, O_RDONLY, 0);
  redirect(out, O_WRONLY | O_CREAT | O_APPEND, 1);
  redirect(err, O_WRONLY | O_CREAT | O_APPEND, 2);
  prepared.become();
}

Process::~Process() {
  if (!reap(false)) {
    ::kill(pid_, SIGKILL);
    reap(true);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool Process::reap(bool block) {
  if (!reaped_ && ::waitpid(pid_, &status_, block ? 0 : WNOHANG) == pid_) reaped_ = true;
  return reaped_;
}

void Process::kill(int signal) const { ::kill(pid_, signal); }

bool Process::running() { return !reap(false); }

std::string Process::out() const { return read_text(folder_ + "/out"); }
std::string Process::err() const { return read_text(folder_ + "/err"); }

Ended Process::wait(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!reap(false)) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the process did not end in time; it printed:\n" + out() + err());
    std::this_thread::sleep_for(1ms);
  }
  const int code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  return {code, out(), err()};
}

void Process::await_output(const std::string& text, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (out().find(text) == std::string::npos && err().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline ||
        (!running() && (out() + err()).find(text) == std::string::npos))
      throw std::runtime_error("never printed '" + text + "' but:\n" + out() + err());
    std::this_thread::sleep_for(1ms);
  }
}

Ended run(const Command& command, std::chrono::seconds limit) { return Process(command).wait(limit); }

void await(const std::string& what, const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain until " + what);
    std::this_thread::sleep_for(2ms);
  }
}

}  // namespace lockable::testing
