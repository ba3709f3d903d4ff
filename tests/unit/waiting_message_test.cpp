// What the live line of a request that waits says, and in which order.
#include "cli/waiting_message.h"

#include <gtest/gtest.h>

#include "platform/time_text.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

class LiveTextTest : public ::testing::Test {
 protected:
  LiveTextTest() {
    waiting_.requirements = {{"type", "nrf52"}};
    waiting_.waited = 12s;
    waiting_.timeout = 1000s;
    waiting_.place = 1;
    waiting_.queue_length = 2;
  }
  void held(const std::string& id, Json owner) {
    Hold hold;
    hold.resource_id = id;
    hold.owner = std::move(owner);
    waiting_.holders.push_back(hold);
  }
  std::string text() const {
    return live_text(waiting_, *platform::parse_iso8601("2026-07-10T12:03:00.000Z"));
  }

  Waiting waiting_;
};

TEST_F(LiveTextTest, SaysWhatMattersFirst) {
  held("nrf-1", {{"user", "ann"},
                 {"host", "lab-1"},
                 {"pid", 12},
                 {"command", "make"},
                 {"since", "2026-07-10T12:00:00.000Z"}});
  held("nrf-2", {{"reserved", true}, {"user", "bob"}});
  EXPECT_EQ(text(),
            "12 s of 1000 s, place 1 of 2: nrf-1 held for 3 min by ann on lab-1, pid 12 (make), since "
            "2026-07-10T12:00:00.000Z; nrf-2 reserved by bob; for {\"type\":\"nrf52\"}");
}

TEST_F(LiveTextTest, IsOneLineAlsoWhenNobodyHoldsIt) {
  waiting_.requirements = {{"id", "a\x1b[31m\n"}};
  EXPECT_EQ(text(),
            "12 s of 1000 s, place 1 of 2: just given back, or looked at by others; for "
            "{\"id\":\"a\\u001b[31m\\n\"}");
}

TEST_F(LiveTextTest, SaysForWhomItIsKept) {
  waiting_.ahead = {{"user", "ann"}, {"host", "lab-1"}, {"pid", 12}, {"command", "make"}};
  EXPECT_NE(text().find(": kept for a request ahead, of ann on lab-1, pid 12 (make); for "), text().npos)
      << text();
}

}  // namespace
}  // namespace lockable::cli
