#include "cli/supervision.h"

#include <fmt/format.h>
#include <lockable/clock.h>

#include <algorithm>

#include "cli/exit_code.h"
#include "cli/say.h"
#include "platform/child.h"
#include "platform/file.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;
using platform::Child;

constexpr auto kGrace = 5s;         // from SIGTERM to SIGKILL
constexpr auto kLossGrace = 500ms;  // the same when what we hold may be given to others at that moment
constexpr auto kKillAgain = 20ms;   // what is born while the tree is killed
constexpr auto kGiveUp = 10s;       // a process that even SIGKILL does not end hangs in the kernel

class Supervision {
 public:
  // `terminal` is ours; the child has got it when we were in the foreground.
  Supervision(const Task& task, Events& events, platform::Terminal terminal, bool in_foreground, Child child)
      : task_(task), events_(events), terminal_(terminal), child_(child), in_foreground_(in_foreground) {
    if (task.run_timeout)
      run_until_ = BootClock::now() + std::min<std::chrono::nanoseconds>(*task.run_timeout, 24h * 36500);
  }

  Ran run() {
    while (!finished()) {
      timer_.wait_readable({events_.fd()}, next_look());
      for (const int signal : events_.take_signals()) handle(signal);
      if (!ending_ && events_.parent_died()) {
        told_to_end_ = true;
        end_tree(kSignalBase + SIGTERM, "our parent process died");
      }
      if (!ending_ && !ended_ && BootClock::now() >= run_until_)
        end_tree(kRunTimeout, "the run timeout has come");
      if (!ending_ && BootClock::now() >= lost_at()) end_lost();
      if (ending_) keep_killing();
    }
    if (in_foreground_) terminal_.take_back();
    const int exit_code = exit_code_.value_or(child_.exit_code());
    return {exit_code, told_to_end_ || exit_code == kSignalBase + SIGINT};
  }

 private:
  void handle(int signal) {
    if (signal == SIGCHLD) return look_at_child();
    if (signal == SIGTSTP) stop_asked_ = true;
    if (signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM) told_to_end_ = true;
    child_.signal(signal);
  }

  void look_at_child() {
    const Child::Change change = child_.change();
    if (change == Child::Change::kStopped && (terminal_ || stop_asked_)) stop_with_child();
    if (change != Child::Change::kEnded) return;
    ended_ = true;
    if (!ending_) leftovers();
  }

  // As a shell's job: the terminal goes back to who started us, and we stop until we are continued.
  void stop_with_child() {
    stop_asked_ = false;
    if (in_foreground_) terminal_.take_back();
    platform::stop_self();
    in_foreground_ = terminal_.ours();
    if (in_foreground_) terminal_.give_to(child_.pid());
    child_.signal(SIGCONT);
  }

  std::vector<platform::ProcessName> left_running() const {
    if (!platform::has_children()) return {};
    std::vector<platform::ProcessName> left = platform::descendants();
    left.erase(std::remove_if(left.begin(), left.end(),
                              [this](const platform::ProcessName& one) { return one.pid == task_.ours; }),
               left.end());
    return left;
  }

  void leftovers() {
    const auto left = left_running();
    if (left.empty()) return;
    std::string names;
    for (std::size_t i = 0; i < left.size() && i < 10; ++i)
      names += fmt::format("{}{} (pid {})", i == 0 ? "" : ", ", left[i].name, left[i].pid);
    if (task_.kill_leftovers) return end_tree(child_.exit_code(), "the command left running: " + names);
    if (!task_.quiet)
      say("lockable: warning: the command left running: {}; the resource is released all the same "
          "(--kill-leftovers ends them first)\n",
          names);
  }

  BootClock::time_point lost_at() const {
    if (!task_.held_until) return BootClock::time_point::max();
    const auto until = task_.held_until();
    return until == BootClock::time_point::max() ? until : until - kLossGrace;
  }

  // There is no more time than that.
  void end_lost() {
    const auto kill_at = lost_at() + kLossGrace;
    end_tree(kLockLost,
             "the lock store has not heard of us for too long: what we hold may be given to others");
    kill_at_ = std::min(kill_at, kill_at_);
  }

  void end_tree(int exit_code, const std::string& why) {
    ending_ = true;
    exit_code_ = exit_code;
    kill_at_ = BootClock::now() + kGrace;
    if (!task_.quiet || exit_code == kLockLost) say("lockable: {}; ending it\n", why);
    signal_tree(SIGTERM);
    signal_tree(SIGCONT);
  }

  void keep_killing() {
    if (BootClock::now() < kill_at_) return;
    signal_tree(SIGKILL);
  }

  void signal_tree(int signal) const {
    if (!ended_) child_.signal(signal);
    for (const platform::ProcessName& process : left_running()) ::kill(process.pid, signal);
  }

  bool finished() {
    if (!ending_) return ended_;
    if (!platform::has_children() || (task_.ours != 0 && left_running().empty())) {
      platform::has_children();  // who died since is not left to others to reap
      return true;
    }
    return ended_ && BootClock::now() >= kill_at_ + kGiveUp;
  }

  BootClock::time_point next_look() const {
    if (!ending_) return std::min(run_until_, lost_at());
    return std::max(kill_at_, BootClock::now() + kKillAgain);
  }

  const Task& task_;
  Events& events_;
  const platform::Terminal terminal_;
  Child child_;
  platform::Timer timer_;
  BootClock::time_point run_until_ = BootClock::time_point::max();
  BootClock::time_point kill_at_;
  bool in_foreground_;
  bool stop_asked_ = false;
  bool told_to_end_ = false;
  bool ending_ = false;
  bool ended_ = false;
  std::optional<int> exit_code_;  // instead of the command's
};

}  // namespace

Ran supervise(const Task& task, Events& events) {
  if (task.held_until && BootClock::now() >= task.held_until()) {
    say("lockable: what we hold was lost before the command was started: were we stopped?\n");
    return {kLockLost, true};
  }
  platform::adopt_orphans();
  events.collect_for_command();
  const auto terminal = task.take_terminal ? platform::Terminal::of_standard_input() : platform::Terminal();
  const bool in_foreground = terminal.ours();
  std::optional<Child> child;
  try {
    child = Child::start({task.argv, task.environment, events.original_mask(),
                          in_foreground ? terminal : platform::Terminal(), task.die_with_parent});
  } catch (const platform::SystemError& error) {
    say("lockable: {}\n", error.what());
    return {error.no_such_file() ? kNoSuchCommand : kCannotExecute, false};
  }
  if (task.on_start) task.on_start(child->pid());
  return Supervision(task, events, terminal, in_foreground, *child).run();
}

}  // namespace lockable::cli
