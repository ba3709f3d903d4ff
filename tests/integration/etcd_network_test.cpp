// Between a client and its cluster: cut, slow, or nobody there.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "integration/etcd_bench.h"
#include "support/http_server.h"

namespace lockable::testing {
namespace {

// Takes connections and never says a word.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, plain, size) != 0 || ::listen(fd_, 4) != 0 || ::getsockname(fd_, plain, &size) != 0)
      throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int port() const { return port_; }
  void await_client() const {
    pollfd one{fd_, POLLIN, 0};
    ASSERT_EQ(::poll(&one, 1, 10'000), 1);
  }

 private:
  const int fd_;
  int port_ = 0;
};

class NetworkTest : public EtcdBench {
 protected:
  NetworkTest() : proxy_(etcd()[0].client_port()) {
    environment_["LOCKABLE_STORE"] = etcd().uri_by({proxy_.endpoint()});
    set_lease_time(6s);
  }
  TcpProxy proxy_;
};

TEST_F(NetworkTest, AShortCutLosesNothing) {
  const auto held = holder();
  const auto waits = waiter();
  for (const bool told : {false, true}) {
    if (told)
      proxy_.refuse();
    else
      proxy_.hang();
    std::this_thread::sleep_for(2s);  // what is tested is a time
    proxy_.pass();
    EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  }
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(NetworkTest, AWaiterThatWasCutOffWhenItWasWokenGoesOn) {
  const auto waits = [this] {
    const auto held = holder();
    auto one = waiter();
    proxy_.hang();
    // The holder is cut off as well: its lease ends.
    await("the board is free", [this] { return store()->holders("b1").empty(); });
    proxy_.pass();
    return one;
  }();
  expect_served(*waits);
}

TEST_F(NetworkTest, ALostAnswerIsNoLostLock) {
  Lockable lab(options());
  Allocation board = lab.lock("id=b1", 5s);
  proxy_.lose_an_answer();
  board.unlock();
  EXPECT_FALSE(board.lost());
  proxy_.lose_an_answer();
  const Allocation again = lab.lock("id=b1", 5s);
  EXPECT_FALSE(again.previous_owner_died());
  EXPECT_FALSE(again.lost());
}

TEST_F(NetworkTest, WhoWaitsWithoutAClusterCanBeInterrupted) {
  const auto held = holder();
  const auto waits = waiter();
  proxy_.hang();
  waits->kill(SIGINT);
  const Ended ended = waits->wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGINT) << ended.err;
  EXPECT_TRUE(contains(ended.err, "interrupted while waiting")) << ended.err;
}

TEST_F(NetworkTest, ACutLongerThanALeaseFreesTheBoardForOthers) {
  set_lease_time(3s);
  const auto held = holder();
  proxy_.hang();
  const auto cut = BootClock::now();
  environment_["LOCKABLE_STORE"] = etcd().uri();
  EXPECT_EQ(run_on_cluster({"--timeout", "20", "echo", "got it"}).out, "got it\n");
  EXPECT_LT(BootClock::now() - cut, kSlowness * 8s);
}

TEST_F(NetworkTest, ASlowLinkIsNoTrouble) {
  set_lease_time(3s);
  proxy_.slow(200ms);
  const auto held = holder();
  const auto waits = waiter();
  std::this_thread::sleep_for(5s);  // renewals
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(NetworkTest, NobodyThereIsSaidWithinSecondsNamingAll) {
  environment_["LOCKABLE_STORE"] = "etcd://127.0.0.1:1,127.0.0.1:2/lab";
  environment_.erase("LOCKABLE_ETCD_LEASE_TIME");
  const auto start = BootClock::now();
  const Ended ended = run_on_cluster({"--timeout", "0", "true"});
  EXPECT_EQ(ended.exit_code, 74) << ended.err;
  EXPECT_LT(BootClock::now() - start, 20s);
  EXPECT_TRUE(contains(ended.err, "127.0.0.1:1") && contains(ended.err, "127.0.0.1:2")) << ended.err;
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
}

// A machine that is asked for the first time, and never answers.
TEST_F(NetworkTest, TheFirstContactCanBeInterrupted) {
  const Listener silent;
  environment_["LOCKABLE_STORE"] = "etcd://127.0.0.1:" + std::to_string(silent.port()) + "/lab";
  Process asks(on_cluster({"true"}));
  silent.await_client();
  asks.kill(SIGINT);
  const Ended ended = asks.wait();
  EXPECT_EQ(ended.exit_code, 128 + SIGINT) << ended.err;
  EXPECT_TRUE(contains(ended.err, "interrupted while waiting for etcd at http://127.0.0.1:")) << ended.err;
}

TEST_F(NetworkTest, OneThatSpeaksNoEtcdIsNamed) {
  proxy_.refuse();
  environment_["LOCKABLE_STORE"] = "etcd://" + proxy_.endpoint() + "," + etcd()[0].endpoint() + "/lab";
  EXPECT_EQ(run_on_cluster({"--", "echo", "ran"}).out, "ran\n");
  HttpServer web(folder_.path());
  environment_["LOCKABLE_STORE"] = "etcd://127.0.0.1:" + std::to_string(web.port()) + "/lab";
  const Ended ended = run_on_cluster({"true"});
  EXPECT_EQ(ended.exit_code, 74) << ended.err;
  EXPECT_TRUE(contains(ended.err, "is this etcd")) << ended.err;
}

TEST_F(NetworkTest, AWatchWhoseRevisionWasCompactedGoesOn) {
  const auto held = holder();
  const auto first = waiter(), second = waiter(), third = waiter();
  for (int i = 0; i < 3; ++i) {
    etcd().etcdctl_out({"put", "elsewhere", "x"});
    const std::string revision = Json::parse(etcd().etcdctl_out({"get", "elsewhere", "-w", "json"}))
                                     .at("header")
                                     .at("revision")
                                     .dump();
    etcd().etcdctl_out({"compact", "--physical", revision});
    proxy_.refuse();  // all watches have to be resumed
    proxy_.pass();
  }
  expect_held_until_told(*held);
  for (const auto* one : {&first, &second, &third}) expect_served(**one);
}

TEST_F(NetworkTest, ALockThatIsTakenAwayByHandIsNoSuccess) {
  const Ended ended = run_on_cluster({"--", "env", "ETCDCTL_API=3", "etcdctl", "--endpoints",
                                      etcd()[0].endpoint(), "del", "--prefix", "lab/held/"});
  EXPECT_EQ(ended.exit_code, 70) << ended.err;
  EXPECT_TRUE(contains(ended.err, "the lock on b1 was lost")) << ended.err;
}

class QuotaTest : public EtcdBench {
 protected:
  QuotaTest() : EtcdBench(1, {{"--quota-backend-bytes", "200000"}, "", ""}) {}
  void fill() {
    const std::string much(20'000, 'x');
    for (int i = 0; i < 100; ++i)
      if (etcd().etcdctl({"put", "filler", much}).exit_code != 0) return;
    FAIL() << "it was never full";
  }
};

TEST_F(QuotaTest, AFullDiskIsNamedWithItsRemedyAndLeavesNothingLocked) {
  fill();
  const Ended ended = run_on_cluster({"--timeout", "0", "true"});
  EXPECT_EQ(ended.exit_code, 74) << ended.err;
  EXPECT_TRUE(contains(ended.err, "disk quota") && contains(ended.err, "etcdctl alarm disarm")) << ended.err;
  EXPECT_TRUE(store()->holders("b1").empty());
}

TEST_F(QuotaTest, WhatWasTakenBeforeTheDiskWasFullIsGivenBackAllTheSame) {
  set_lease_time(60s);
  Lockable lockable(options());
  std::optional<Allocation> allocation = lockable.lock("id=b1", 5s);
  fill();
  EXPECT_FALSE(allocation->lost());
  allocation.reset();
  await("the board is free", [this] { return store()->holders("b1").empty(); });
}

}  // namespace
}  // namespace lockable::testing
