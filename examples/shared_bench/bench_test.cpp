// Tests of four boards on two benches. Each says what it needs, and never which board.
#ifdef BENCH_WITHOUT_LOCKS
#include "unlocked.h"
#else
#include <lockable/gtest.h>
#endif

#include <string>

#include "serial.h"

namespace {

void expect_pongs(Board& board, int count) {
  for (int i = 1; i <= count; ++i) ASSERT_EQ(board.ping(i), i);
}

void expect_blinks(Board& board, int count) {
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(board.led(true));
    EXPECT_FALSE(board.led(false));
  }
}

class Radio : public lockable::Test {
  LOCKABLE_TEST("type=nrf52");

 protected:
  Board radio_{resource()};  // the board is ours before the fixture's first constructor
};

TEST_F(Radio, SaysWhoItIs) {
  EXPECT_EQ(radio_.type(), "nrf52");
  EXPECT_EQ(radio_.id(), resource()["id"]);
  expect_pongs(radio_, 4);
}
TEST_F(Radio, AnswersPings) { expect_pongs(radio_, 8); }
TEST_F(Radio, StandsABurst) { expect_pongs(radio_, 15); }
TEST_F(Radio, BlinksItsLed) { expect_blinks(radio_, 4); }
TEST_F(Radio, BlinksAndAnswers) {
  expect_blinks(radio_, 2);
  expect_pongs(radio_, 4);
}

// Any radio would do for this fixture; this test needs one on the left bench.
LOCKABLE_TEST_F(Radio, ReachesTheLeftAntenna, "type=nrf52&bench=left") {
  EXPECT_EQ(resource()["bench"], "left");
  expect_pongs(radio_, 6);
}

// Two at once: both are granted together or neither, so two such tests never wait for each other.
LOCKABLE_TEST_F(Radio, TalksToAnotherRadio, R"([{"type":"nrf52"},{"type":"nrf52","$as":"other"}])") {
  Board other(resource("other"));
  EXPECT_NE(radio_.id(), other.id());
  EXPECT_EQ(radio_.link(other), other.id());
  EXPECT_EQ(other.link(radio_), radio_.id());
}

class Wifi : public lockable::Test {
  LOCKABLE_TEST("type=esp32");

 protected:
  Board wifi_{resource()};
};

TEST_F(Wifi, SaysWhoItIs) {
  EXPECT_EQ(wifi_.type(), "esp32");
  EXPECT_EQ(wifi_.id(), resource()["id"]);
  expect_pongs(wifi_, 4);
}
TEST_F(Wifi, AnswersPings) { expect_pongs(wifi_, 8); }
TEST_F(Wifi, StandsABurst) { expect_pongs(wifi_, 15); }
TEST_F(Wifi, BlinksItsLed) { expect_blinks(wifi_, 4); }
TEST_F(Wifi, BlinksAndAnswers) {
  expect_blinks(wifi_, 2);
  expect_pongs(wifi_, 4);
}
LOCKABLE_TEST_F(Wifi, MeshesWithAnotherWifi, R"([{"type":"esp32"},{"type":"esp32","$as":"other"}])") {
  Board other(resource("other"));
  EXPECT_EQ(wifi_.link(other), other.id());
  EXPECT_EQ(other.link(wifi_), wifi_.id());
}

class AnyBoard : public lockable::Test {
  LOCKABLE_TEST("{}");

 protected:
  Board board_{resource()};
};

TEST_F(AnyBoard, StandsOnABench) {
  EXPECT_FALSE(resource()["bench"].is_null());
  expect_pongs(board_, 4);
}
TEST_F(AnyBoard, AnswersPings) { expect_pongs(board_, 8); }
TEST_F(AnyBoard, BlinksItsLed) { expect_blinks(board_, 4); }

// The same tests for each type of board.
class EachType : public lockable::Test, public ::testing::WithParamInterface<std::string> {
  LOCKABLE_TEST("type=" + GetParam());

 protected:
  Board board_{resource()};
};

TEST_P(EachType, IsOfThatType) {
  EXPECT_EQ(board_.type(), GetParam());
  expect_pongs(board_, 4);
}
TEST_P(EachType, AnswersLargeNumbers) {
  for (int number : {1000, 100000, 1000000000}) EXPECT_EQ(board_.ping(number), number);
}
TEST_P(EachType, AnswersWhileItBlinks) {
  EXPECT_TRUE(board_.led(true));
  expect_pongs(board_, 4);
  EXPECT_FALSE(board_.led(false));
}

std::string name(const ::testing::TestParamInfo<std::string>& info) { return info.param; }

INSTANTIATE_TEST_SUITE_P(Types, EachType, ::testing::Values("nrf52", "esp32"), name);

// Both boards of one bench.
std::string bench_pair(const std::string& bench) {
  return R"([{"type":"nrf52","bench":")" + bench + R"(","$as":"radio"},)" + R"({"type":"esp32","bench":")" +
         bench + R"(","$as":"wifi"}])";
}

class BenchPair : public lockable::Test, public ::testing::WithParamInterface<std::string> {
  LOCKABLE_TEST(bench_pair(GetParam()));

 protected:
  Board radio_{resource("radio")};
  Board wifi_{resource("wifi")};
};

TEST_P(BenchPair, StandsTogether) {
  EXPECT_EQ(resource("radio")["bench"], GetParam());
  EXPECT_EQ(resource("wifi")["bench"], GetParam());
  EXPECT_EQ(radio_.type(), "nrf52");
  EXPECT_EQ(wifi_.type(), "esp32");
}
TEST_P(BenchPair, LinksBothWays) {
  EXPECT_EQ(radio_.link(wifi_), wifi_.id());
  EXPECT_EQ(wifi_.link(radio_), radio_.id());
}
TEST_P(BenchPair, AnswersInTurns) {
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(radio_.ping(i), i);
    EXPECT_EQ(wifi_.ping(i), i);
  }
}
TEST_P(BenchPair, BlinksInTurns) {
  expect_blinks(radio_, 2);
  expect_blinks(wifi_, 2);
}

INSTANTIATE_TEST_SUITE_P(Benches, BenchPair, ::testing::Values("left", "right"), name);

}  // namespace
