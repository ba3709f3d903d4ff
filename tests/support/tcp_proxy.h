/// \file
/// A connection that breaks when a test wants it to.
#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace lockable::testing {

/// Listens on a port of loopback and passes everything on to another one, by a thread of its own. Any thread
/// may call.
class TcpProxy {
 public:
  explicit TcpProxy(int to_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  /// As at first: all goes through, at once.
  void pass() { set(Mode::kPass); }
  /// Nothing goes through any more, and nobody is told: a cable that was pulled.
  void hang() { set(Mode::kHang); }
  /// Ends all connections, and those that come at once.
  void refuse() { set(Mode::kRefuse); }
  /// Once: what the server says next, on whatever connection, is lost with that connection.
  void lose_an_answer() { lose_ = true; }
  /// What goes through takes so long, in each direction.
  void slow(std::chrono::milliseconds delay) { delay_ = delay; }

 private:
  enum class Mode { kPass, kHang, kRefuse };
  struct Link;
  void set(Mode mode);
  void work();
  void accept_one();
  bool carry(Link& link);

  const int to_port_;
  int listener_ = -1;
  int port_ = 0;
  int wakeup_[2] = {-1, -1};
  std::atomic<Mode> mode_{Mode::kPass};
  std::atomic<std::chrono::milliseconds> delay_{std::chrono::milliseconds(0)};
  std::atomic<bool> lose_{false};
  std::atomic<bool> stop_{false};
  std::list<Link> links_;  // the thread's
  std::thread thread_;
};

}  // namespace lockable::testing
