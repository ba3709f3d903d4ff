#include "cli/waiting_message.h"

#include <cstdio>

#include "cli/say.h"
#include "platform/terminal.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kRepeat = 30s;

}  // namespace

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
    std::string text = fmt::format("{}: {}", program_, describe(waiting));
    if (text.size() >= width) text = text.substr(0, width - 4) + "...";
    const std::size_t size = say("\r{}\x1b[K", text);
    std::fflush(stderr);
    shown_ = true;
    return size;
  }
  return say("{}: {}\n", program_, describe(waiting));
}

}  // namespace lockable::cli
