#include "serial.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <thread>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{2000};

std::string new_session() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string session = std::to_string(::getpid()) + "-";
  for (int i = 0; i < 8; ++i) session += kDigits[random() % 16];
  return session;
}

// "<test> <run>", for the board's log.
std::string label() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const char* run = std::getenv("BENCH_RUN");
  const std::string name = test ? std::string(test->test_suite_name()) + "." + test->name() : "-";
  return name + " " + (run ? run : "-");
}

}  // namespace

SerialPort::SerialPort(std::string path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ < 0) throw std::runtime_error(path_ + ": " + std::strerror(errno));
  ::tcflush(fd_, TCIFLUSH);  // answers nobody waited for
}

SerialPort::~SerialPort() { ::close(fd_); }

// In small pieces, as 115200 baud have it: two programs that write at once tear each other's lines.
void SerialPort::write(const std::string& text) {
  constexpr std::size_t kBytesPerMillisecond = 11;
  for (std::size_t at = 0; at < text.size(); at += kBytesPerMillisecond) {
    const std::string piece = text.substr(at, kBytesPerMillisecond);
    if (::write(fd_, piece.data(), piece.size()) < 0)
      throw std::runtime_error(path_ + ": " + std::strerror(errno));
    std::this_thread::sleep_for(milliseconds(1));
  }
}

std::string SerialPort::read_line() {
  const auto deadline = steady_clock::now() + kPatience;
  std::string line;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    pollfd ready{fd_, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0)
      throw std::runtime_error(path_ + ": no answer within 2 s, only \"" + line + "\"");
    char byte = 0;
    if (::read(fd_, &byte, 1) != 1) continue;  // another program was faster
    if (byte == '\n') return line;
    line += byte;
  }
}

Board::Board(const nlohmann::json& resource)
    : name_(resource.at("id")), port_(resource.at("port")), session_(new_session()) {
  port_.write("\n");  // ends what a program that died may have left half written
  const std::string who = exchange("HELLO", label(), "OK ");
  const std::size_t space = who.find(' ');
  type_ = who.substr(0, space);
  id_ = who.substr(space + 1);
}

Board::~Board() {
  try {
    exchange("BYE", "", "OK");
  } catch (const std::exception& error) {
    ADD_FAILURE() << "at the end of the session: " << error.what();
  }
}

int Board::ping(int number) { return std::stoi(exchange("PING", std::to_string(number), "PONG ")); }
bool Board::led(bool on) { return exchange("LED", on ? "on" : "off", "OK ") == "on"; }
std::string Board::link(const Board& peer) { return exchange("LINK", peer.id(), "OK "); }

std::string Board::exchange(const std::string& verb, const std::string& operand,
                            const std::string& expected) {
  port_.write(verb + " " + session_ + (operand.empty() ? "" : " " + operand) + "\n");
  const std::string answer = port_.read_line();
  if (answer.rfind(expected, 0) != 0)
    throw std::runtime_error(name_ + " answered " + verb + " with \"" + answer + "\"");
  return answer.substr(expected.size());
}
