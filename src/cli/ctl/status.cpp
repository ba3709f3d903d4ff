#include <fmt/format.h>
#include <lockable/lockable.h>

#include "cli/ctl/asked.h"
#include "cli/ctl/commands.h"
#include "cli/ctl/state.h"
#include "cli/events.h"
#include "cli/exit_code.h"
#include "cli/say.h"
#include "json/one_line.h"
#include "platform/terminal.h"
#include "platform/wakeup.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 1s;

struct AskedStatus : AskedStore {
  bool watch = false;
};

/// Looks at the store again and again. A broken inventory hides neither the queue nor what is waited for.
class Sight {
 public:
  Sight(const AskedStatus& asked, int interrupt_fd)
      : asked_(asked), interrupt_fd_(interrupt_fd), lab_(options_to_look(asked)) {}

  State look() {
    std::shared_ptr<const Inventory> inventory;
    try {
      problem_ = {};
      inventory = read();
    } catch (const InvalidInventory& error) {
      problem_ = {error.what(), kInvalidData};
    } catch (const ProviderError& error) {
      problem_ = {error.what(), kUnreachable};
    }
    return cli::look(lab_.store(), inventory.get());
  }

  struct Problem {
    std::string text;
    int exit_code = kSuccess;
  };
  /// What was wrong with the inventory last time.
  const Problem& problem() const { return problem_; }

 private:
  // Only the first time may last.
  std::shared_ptr<const Inventory> read() {
    if (watch_ != nullptr) return watch_->inventory();
    if (provider_ == nullptr) {
      const auto warn = [](const std::string& text) { say("lockablectl: warning: {}\n", text); };
      provider_ = make_provider(asked_.resources, {warn, {}, interrupt_fd_});
    }
    auto inventory = provider_->inventory(BootClock::now() + Lockable::kDefaultTimeout);
    if (asked_.watch) watch_ = provider_->watch();
    return inventory;
  }

  const AskedStatus& asked_;
  const int interrupt_fd_;
  Lockable lab_;
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<InventoryWatch> watch_;
  Problem problem_;
};

std::vector<std::string> lines_of(const State& state) {
  const std::size_t room = platform::standard_output_is_terminal() ? platform::terminal_width() : 0;
  return to_lines(state, Clock::system()->wall(), room);
}

int show_once(const AskedStatus& asked) {
  Sight sight(asked, -1);
  const State state = sight.look();
  if (sight.problem().exit_code != kSuccess) say("lockablectl: {}\n", sight.problem().text);
  if (asked.json)
    print_json(to_json(state));
  else
    for (const std::string& line : lines_of(state)) fmt::print("{}\n", line);
  return sight.problem().exit_code;
}

/// Shows one state after the other: in the place of the last one on a terminal; elsewhere those that differ,
/// each followed by an empty line, or as one line of JSON.
class Screen {
 public:
  explicit Screen(bool json) : json_(json), live_(!json && platform::standard_output_is_terminal()) {}

  void show(const State& state, const std::string& problem) {
    std::string content = to_json(state).dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!live_ && content + problem == shown_) return;
    shown_ = content + problem;
    if (!problem.empty() && !live_) say("lockablectl: {}\n", problem);
    if (json_)
      fmt::print("{}\n", content);
    else if (live_)
      redraw(lines_of(state), problem);
    else
      fmt::print("{}\n\n", fmt::join(lines_of(state), "\n"));
    std::fflush(stdout);
  }

 private:
  // What does not fit below the last line is left out: it would scroll.
  void redraw(std::vector<std::string> lines, const std::string& problem) {
    if (!problem.empty()) lines.insert(lines.begin(), one_line(problem));
    const std::size_t rows = platform::terminal_height();
    if (lines.size() >= rows) {
      const std::size_t kept = rows < 3 ? 0 : rows - 2;
      const std::string rest = fmt::format("… {} more", lines.size() - kept);
      lines.resize(kept);
      lines.push_back(rest);
    }
    std::string text = first_ ? "\x1b[2J\x1b[H" : "\x1b[H";
    for (const std::string& line : lines) text += line + "\x1b[K\n";
    fmt::print("{}\x1b[J", text);
    first_ = false;
  }

  const bool json_;
  const bool live_;
  bool first_ = true;
  std::string shown_;
};

int watch(const AskedStatus& asked) {
  Events events(false);
  platform::Timer timer;
  Screen screen(asked.json);
  Sight sight(asked, events.fd());
  try {
    do {
      const State state = sight.look();
      screen.show(state, sight.problem().text);
    } while (!timer.wait_readable({events.fd()}, BootClock::now() + kLookEvery));
  } catch (const Interrupted&) {
    // by the signal that is taken below, while the inventory was asked for
  }
  const std::vector<int> signals = events.take_signals();
  return kSignalBase + (signals.empty() ? SIGTERM : signals.front());
}

}  // namespace

void add_status(CLI::App& app, int& exit_code) {
  const auto asked = std::make_shared<AskedStatus>();
  CLI::App* command =
      add_store_command(app, "status", "Tells who holds what, and who waits for what", *asked);
  command->add_flag("--watch", asked->watch,
                    "Go on until a signal: a live table on a terminal, elsewhere whatever changed");
  command->callback([asked, &exit_code] { exit_code = asked->watch ? watch(*asked) : show_once(*asked); });
}

}  // namespace lockable::cli
