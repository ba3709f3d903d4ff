#include "net/retry.h"

#include <gtest/gtest.h>

#include <vector>

namespace lockable::net {
namespace {

using namespace std::chrono_literals;

Response with_status(int status, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  Response response;
  response.status = status;
  response.retry_after = retry_after;
  return response;
}

/// A server and a clock played by the test: each try takes no time, each wait takes what it should.
class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    surroundings_.send = [this] { return send(++tries_); };
    surroundings_.now = [this] { return now_; };
    surroundings_.wait = [this](BootClock::time_point until) {
      waits_.push_back(until - now_);
      now_ = until;
    };
    surroundings_.on_waiting = [this](const std::string& what) { told_.push_back(what); };
  }

  Response run(std::chrono::nanoseconds timeout = 1h) {
    return send_with_retries(rules_, now_ + timeout, surroundings_);
  }
  std::string failure(std::chrono::nanoseconds timeout = 1h) try {
    run(timeout);
    return "";
  } catch (const HttpError& error) {
    return error.what();
  }

  std::function<Response(int)> send = [](int) { return with_status(503); };
  RetryRules rules_;
  Surroundings surroundings_;
  BootClock::time_point now_{1h};
  int tries_ = 0;
  std::vector<std::chrono::nanoseconds> waits_;
  std::vector<std::string> told_;
};

TEST_F(RetryTest, NineRetriesEachAfterTwiceTheTime) {
  EXPECT_EQ(failure(), "HTTP status 503 (Service Unavailable); 10 tries");
  EXPECT_EQ(waits_, (std::vector<std::chrono::nanoseconds>{1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s}));
  EXPECT_EQ(told_.front(), "HTTP status 503 (Service Unavailable); trying again in 1 s");
}

TEST_F(RetryTest, TheFirstGoodAnswerEndsIt) {
  send = [](int tries) { return with_status(tries < 3 ? 500 : 200); };
  EXPECT_EQ(run().status, 200);
  EXPECT_EQ(tries_, 3);
}

TEST_F(RetryTest, OnlySomeStatusesAreWorthIt) {
  for (int status = 100; status < 600; ++status) {
    const bool listed = status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
    EXPECT_EQ(worth_retrying(status), listed) << status;
  }
  send = [](int) { return with_status(404); };
  EXPECT_EQ(run().status, 404);
  EXPECT_EQ(tries_, 1);
}

TEST_F(RetryTest, ConnectionErrorsAreTriedAgainLastingTroubleIsNot) {
  send = [](int tries) -> Response {
    if (tries < 2) throw HttpError("connection refused", Trouble::kPassing);
    throw HttpError("certificate has expired", Trouble::kLasting);
  };
  EXPECT_EQ(failure(), "certificate has expired");
  EXPECT_EQ(waits_, (std::vector<std::chrono::nanoseconds>{1s}));
}

TEST_F(RetryTest, WhatTheServerAsksForGoesFirst) {
  send = [](int tries) {
    return tries == 1 ? with_status(429, 7s) : tries == 2 ? with_status(503, 0s) : with_status(200);
  };
  run();
  EXPECT_EQ(waits_, (std::vector<std::chrono::nanoseconds>{7s, 2s}));
}

TEST_F(RetryTest, FailsAtOnceWhenTheNextTryWouldComeTooLate) {
  EXPECT_EQ(
      failure(5s),
      "HTTP status 503 (Service Unavailable); 3 tries, and the next, in 4 s, would come after the timeout");
  EXPECT_EQ(now_ - BootClock::time_point(1h), 3s);
}

TEST_F(RetryTest, SaysThatTheServerAskedForTheLongWait) {
  send = [](int) { return with_status(503, 3600s); };
  EXPECT_EQ(
      failure(5s),
      "HTTP status 503 (Service Unavailable); 1 try, and the next, as the server asks in 3600 s, would come "
      "after the timeout");
  EXPECT_TRUE(waits_.empty());
}

TEST_F(RetryTest, NoRetriesIsOneTry) {
  rules_.retries = 0;
  EXPECT_EQ(failure(), "HTTP status 503 (Service Unavailable); 1 try");
  EXPECT_TRUE(waits_.empty());
}

TEST_F(RetryTest, ManyRetriesDoNotOverflow) {
  rules_.retries = 1000;
  EXPECT_GT(*next_wait(rules_, 1000, std::nullopt), 0s);
}

}  // namespace
}  // namespace lockable::net
