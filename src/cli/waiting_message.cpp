#include "cli/waiting_message.h"

#include <cstdio>

#include "allocation/waiting.h"
#include "cli/ctl/state.h"
#include "cli/ctl/table.h"
#include "cli/say.h"
#include "json/one_line.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kRepeat = 30s;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string live_text(const Waiting& waiting, WallTime now) {
  std::string text = fmt::format("{:.0f} s of {:g} s, place {} of {}", seconds(waiting.waited),
                                 seconds(waiting.timeout), waiting.place, waiting.queue_length);
  for (std::size_t i = 0; i < waiting.holders.size(); ++i)
    text += (i == 0 ? ": " : "; ") + waiting.holders[i].resource_id + " " +
            holder_sentence(waiting.holders[i], now);
  if (waiting.holders.empty()) text += ": " + why_not_held(waiting);
  text += "; for " + waiting.requirements.dump(-1, ' ', false, Json::error_handler_t::replace);
  return one_line(text);
}

WaitingMessage::WaitingMessage(const char* program)
    : program_(program), live_(platform::standard_error_is_terminal()) {}

WaitingMessage::~WaitingMessage() {
  if (live_ && shown_) say("\r\x1b[K");
}

std::chrono::nanoseconds WaitingMessage::interval() const { return live_ ? 1s : kRepeat; }

std::size_t WaitingMessage::tell(const Waiting& waiting) {
  if (live_) {
    // Cut to what fits one line: a longer one could not be taken back.
    const std::size_t width = platform::terminal_width();
    const std::string text = fmt::format("{}: {}", program_, live_text(waiting, Clock::system()->wall()));
    const std::size_t size = say("\r{}\x1b[K", cut_to(text, width - 1));
    std::fflush(stderr);
    shown_ = true;
    return size;
  }
  return say("{}: {}\n", program_, describe(waiting));
}

}  // namespace lockable::cli
