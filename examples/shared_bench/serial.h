// What the tests talk to a board with.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

// An open serial port, one line at a time.
class SerialPort {
 public:
  // Throws std::runtime_error when it cannot be opened.
  explicit SerialPort(std::string path);
  ~SerialPort();
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

  void write(const std::string& text);
  // Waits for a line, at most 2 s; throws std::runtime_error without one.
  std::string read_line();

 private:
  std::string path_;
  int fd_;
};

// A session with one board, from the constructor to the destructor. Every function waits for the board's
// answer, and throws std::runtime_error with it when it is not the expected one: a FAULT, when somebody else
// talks to the board too.
class Board {
 public:
  // `resource`: the board as the inventory has it.
  explicit Board(const nlohmann::json& resource);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // As the board itself says.
  const std::string& type() const { return type_; }
  const std::string& id() const { return id_; }

  // The number that came back.
  int ping(int number);
  // Whether the LED is on now.
  bool led(bool on);
  // The id of the peer that the board is linked to now.
  std::string link(const Board& peer);

 private:
  // The rest of the answer after `expected`.
  std::string exchange(const std::string& verb, const std::string& operand, const std::string& expected);

  std::string name_;
  SerialPort port_;
  std::string session_;
  std::string type_;
  std::string id_;
};
