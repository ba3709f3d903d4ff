#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <vector>

namespace lockable::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int new_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::runtime_error("no socket");
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

// The other side sees "connection reset".
void cut(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(fd);
}

struct Piece {
  SteadyClock::time_point due;
  std::string bytes;  // empty: the end
};

// One direction.
struct Way {
  int from, to;
  std::deque<Piece> pieces = {};
  bool ended = false;
};

}  // namespace

struct TcpProxy::Link {
  Link(int client, int server) : ways{{{client, server}, {server, client}}} {}
  ~Link() {
    for (const Way& way : ways) cut(way.from);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  std::array<Way, 2> ways;
};

TcpProxy::TcpProxy(int to_port) : to_port_(to_port), listener_(new_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 512) != 0 || ::pipe2(wakeup_, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::runtime_error("no port to listen on");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

TcpProxy::~TcpProxy() {
  stop_ = true;
  set(Mode::kRefuse);
  thread_.join();
  links_.clear();
  for (const int fd : {listener_, wakeup_[0], wakeup_[1]}) ::close(fd);
}

void TcpProxy::set(Mode mode) {
  mode_ = mode;
  static_cast<void>(!::write(wakeup_[1], "x", 1));
}

void TcpProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = mode_ == Mode::kRefuse ? -1 : new_socket();
  const sockaddr_in address = loopback(to_port_);
  if (server < 0 || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    cut(client);
    if (server >= 0) ::close(server);
    return;
  }
  const int yes = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  links_.emplace_back(client, server);
}

// False when it is over.
bool TcpProxy::carry(Link& link) {
  for (Way& way : link.ways) {
    char buffer[65536];
    ssize_t got = 0;
    while (!way.ended && (got = ::recv(way.from, buffer, sizeof buffer, MSG_DONTWAIT)) >= 0) {
      way.pieces.push_back(
          {SteadyClock::now() + delay_.load(), std::string(buffer, static_cast<std::size_t>(got))});
      way.ended = got == 0;
      if (got > 0 && &way == &link.ways[1] && lose_.exchange(false)) return false;
    }
    if (got < 0 && errno != EAGAIN) return false;
    for (; !way.pieces.empty() && way.pieces.front().due <= SteadyClock::now(); way.pieces.pop_front()) {
      const std::string& bytes = way.pieces.front().bytes;
      if (bytes.empty()) return false;
      if (::send(way.to, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
        return false;
    }
  }
  return true;
}

void TcpProxy::work() {
  while (!stop_) {
    const Mode mode = mode_;
    if (mode == Mode::kRefuse) links_.clear();
    std::vector<pollfd> fds{{wakeup_[0], POLLIN, 0}};
    auto pause = 1000ms;
    if (mode != Mode::kHang) fds.push_back({listener_, POLLIN, 0});
    if (mode == Mode::kPass)
      for (const Link& link : links_)
        for (const Way& way : link.ways) {
          if (!way.ended) fds.push_back({way.from, POLLIN, 0});
          if (!way.pieces.empty())
            pause = std::clamp(
                std::chrono::ceil<std::chrono::milliseconds>(way.pieces.front().due - SteadyClock::now()),
                0ms, pause);
        }
    ::poll(fds.data(), fds.size(), static_cast<int>(pause.count()));
    char rung[64];
    static_cast<void>(!::read(wakeup_[0], rung, sizeof rung));
    if (fds.size() > 1 && fds[1].fd == listener_ && (fds[1].revents & POLLIN) != 0) accept_one();
    if (mode_ == Mode::kPass) links_.remove_if([this](Link& link) { return !carry(link); });
  }
}

}  // namespace lockable::testing
