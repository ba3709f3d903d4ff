// A board on a desk, simulated: a process behind a serial port (a pty) that answers a line protocol and
// reports a FAULT as soon as two programs talk to it at once.
//
//     bench_board --id ID --type TYPE --link PATH --log FILE
//
// PATH becomes a symbolic link to the port. One command a line, each with the session of who talks,
// `<pid>-<random>`:
//
//     HELLO <session> [<test> [<run>]]   opens a session    OK <type> <id>
//     PING <session> <n>                                    PONG <n>
//     LED <session> on|off                                  OK <on|off>
//     LINK <session> <peer id>                              OK <peer id>
//     BYE <session>                      closes it          OK
//
// A command of any session but the open one, or a torn line, is a FAULT: it is logged, and answered by
// `FAULT` and the session that is open. A session whose process died gives way silently. Runs until SIGTERM.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// The two ends of the port. It keeps the programs' end open itself, so that it never sees a hangup.
struct Port {
  int ours;
  int theirs;
  std::string path;
};

Port make_port() {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (ours < 0 || ::grantpt(ours) != 0 || ::unlockpt(ours) != 0) fail("posix_openpt");
  const std::string path = ::ptsname(ours);
  const int theirs = ::open(path.c_str(), O_RDWR | O_NOCTTY);
  if (theirs < 0) fail(path);
  termios settings{};
  if (::tcgetattr(theirs, &settings) != 0) fail(path);
  ::cfmakeraw(&settings);
  if (::tcsetattr(theirs, TCSANOW, &settings) != 0) fail(path);
  if (::fcntl(ours, F_SETFL, O_NONBLOCK) != 0) fail(path);  // as on a wire: what nobody reads is lost
  return {ours, theirs, path};
}

class Log {
 public:
  Log(const std::string& file, std::string id) : file_(file, std::ios::app), id_(std::move(id)) {
    if (!file_) fail(file);
  }
  void write(const std::string& event) { file_ << now() << " " << id_ << " " << event << "\n" << std::flush; }

 private:
  static std::string now() {
    const auto time = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    const auto since_epoch = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char date[32];
    char fraction[8];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(since_epoch % 1000));
    return std::string(date) + fraction;
  }

  std::ofstream file_;
  std::string id_;
};

struct Session {
  std::string id;
  std::string label;  // "<test> <run>", for the log
  std::chrono::steady_clock::time_point since;

  bool open() const { return !id.empty(); }
  bool alive() const { return open() && (::kill(std::stoi(id), 0) == 0 || errno == EPERM); }
};

// The protocol: a line in, the answer out.
class Board {
 public:
  Board(std::string id, std::string type, const std::string& log)
      : id_(id), type_(std::move(type)), log_(log, std::move(id)) {}

  std::string answer(const std::string& line) {
    const Words words = split(line);
    if (words.empty()) return "";
    if (!std::regex_match(line, well_formed_)) return torn(line);
    if (words[0] == "HELLO") return hello(words);
    if (words[1] != session_.id) return fault(words[0] + " of " + words[1]);
    if (words[0] == "BYE") return bye();
    if (words[0] == "PING") return work(milliseconds(10 + words[2].back() % 10), "PONG " + words[2]);
    return work(milliseconds(words[0] == "LINK" ? 40 : 20), "OK " + words[2]);
  }

 private:
  static Words split(const std::string& line) {
    std::istringstream in(line);
    Words words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
  }

  static std::string work(milliseconds time, const std::string& answer) {
    std::this_thread::sleep_for(time);
    return answer + "\n";
  }

  std::string hello(const Words& words) {
    if (words[1] != session_.id && session_.alive()) return fault("HELLO of " + words[1]);
    const std::string test = words.size() > 2 ? words[2] : "-";
    const std::string run = words.size() > 3 ? words[3] : "-";
    session_ = {words[1], test + " " + run, std::chrono::steady_clock::now()};
    log_.write("HELLO " + session_.id + " " + session_.label);
    return work(milliseconds(10), "OK " + type_ + " " + id_);
  }

  std::string bye() {
    const auto held =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - session_.since);
    log_.write("BYE " + session_.id + " " + session_.label + " " + std::to_string(held.count()));
    session_ = {};
    return "OK\n";
  }

  // What a program that died left half written is nobody's fault.
  std::string torn(const std::string& line) {
    if (session_.open() && !session_.alive()) return "";
    return fault("torn line \"" + line + "\"");
  }

  std::string fault(const std::string& what) {
    const std::string whose = session_.open() ? session_.id : "none";
    log_.write("FAULT " + what + " during session " + whose);
    return "FAULT " + whose + "\n";
  }

  const std::regex well_formed_{
      "HELLO [0-9]{1,9}-[a-z0-9]+( [^ ]+){0,2}|PING [0-9]{1,9}-[a-z0-9]+ [0-9]+"
      "|LED [0-9]{1,9}-[a-z0-9]+ (on|off)|LINK [0-9]{1,9}-[a-z0-9]+ [^ ]+|BYE [0-9]{1,9}-[a-z0-9]+"};
  std::string id_;
  std::string type_;
  Log log_;
  Session session_;
};

[[noreturn]] void serve(Board& board, int port) {
  std::string received;
  for (;;) {
    pollfd ready{port, POLLIN, 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR) fail("poll");
    char bytes[256];
    const ssize_t count = ::read(port, bytes, sizeof bytes);
    if (count < 0 && errno != EAGAIN && errno != EINTR) fail("read");
    if (count > 0) received.append(bytes, static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = received.find('\n')) != std::string::npos; received.erase(0, end + 1)) {
      const std::string answer = board.answer(received.substr(0, end));
      if (::write(port, answer.data(), answer.size()) < 0 && errno != EAGAIN) fail("write");
    }
  }
}

std::string link_to_remove;

extern "C" void end(int /*signal*/) {
  ::unlink(link_to_remove.c_str());
  ::_exit(0);
}

void run(std::map<std::string, std::string> options) {
  const Port port = make_port();
  Board board(options["--id"], options["--type"], options["--log"]);
  link_to_remove = options["--link"];
  if (::symlink(port.path.c_str(), link_to_remove.c_str()) != 0) fail(link_to_remove);
  ::signal(SIGTERM, end);
  serve(board, port.ours);
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  for (const char* name : {"--id", "--type", "--link", "--log"}) {
    if (options.count(name) != 0) continue;
    std::cerr << "usage: bench_board --id ID --type TYPE --link PATH --log FILE\n";
    return 64;
  }
  try {
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "bench_board: " << error.what() << "\n";
    return 1;
  }
}
