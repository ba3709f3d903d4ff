// What lockablectl makes of other people's text, of spans of time, and of columns.
#include <gtest/gtest.h>

#include "cli/ctl/duration.h"
#include "cli/ctl/state.h"
#include "cli/ctl/table.h"
#include "json/one_line.h"
#include "platform/time_text.h"

namespace lockable::cli {
namespace {

using namespace std::chrono_literals;

TEST(OneLine, LeavesNothingThatATerminalObeys) {
  EXPECT_EQ(one_line("a\nb\x1b[2J\x7f"), "a b [2J ");
  EXPECT_EQ(one_line("a\xc2\x9b"
                     "b"),
            "a b");  // CSI as one character of C1
  EXPECT_EQ(one_line("\x9b\xff"
                     "a"),
            "??a");                                      // bytes that are no UTF-8
  EXPECT_EQ(one_line("\xc0\x9b\xe0\x82\x9b"), "?????");  // the same characters, spelled too long
  EXPECT_EQ(one_line("\xe2\x82"), "??");                 // cut short
  EXPECT_EQ(one_line("Prüfstand – 東 🛠\xc2\xa0."), "Prüfstand – 東 🛠\xc2\xa0.");
  EXPECT_EQ(one_line(std::string("a\0b", 3)), "a b");
}

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("30m"), 30min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("3d"), 72h);
  EXPECT_EQ(parse_duration("1w2d3h4m5s"), 7 * 24h + 51h + 4min + 5s);
  for (const char* wrong : {"", "h", "2", "2x", "2h 3m", "30m1h", "1h1h", "-1h", "+1h", "0s", "0.5h", "1e3s",
                            "1h30", "99999999999h", "36526d", "4294967295w", "36525d1s"})
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_duration("36525d"), 36525 * 24h);
}

TEST(Duration, IsToldInTheLargestUnits) {
  EXPECT_EQ(duration_text(-5s), "0 s");
  EXPECT_EQ(duration_text(59999ms), "59 s");
  EXPECT_EQ(duration_text(60s), "1 min");
  EXPECT_EQ(duration_text(2h), "2 h");
  EXPECT_EQ(duration_text(2h + 5min), "2 h 5 min");
  EXPECT_EQ(duration_text(72h), "3 d");
  EXPECT_EQ(duration_text(76h), "3 d 4 h");
}

TEST(Table, AlignsCharactersNotBytes) {
  EXPECT_EQ(aligned({{"a", "b", "c"}, {"äö", "", "x"}, {"z"}}, 80),
            (std::vector<std::string>{"a   b  c", "äö     x", "z"}));
  EXPECT_EQ(aligned({{"äöü", "xyz"}}, 6), (std::vector<std::string>{"äöü  …"}));
  EXPECT_EQ(cut_to("äöü", 3), "äöü");
  EXPECT_EQ(cut_to("äöü", 2), "ä…");
  EXPECT_EQ(cut_to("äöü", 0), "");
}

class StateLines : public ::testing::Test {
 protected:
  static Hold hold(int slots, Json owner) { return {"x", "0123", slots, std::move(owner)}; }
  std::string lines(std::size_t room = 0) const {
    std::string text;
    for (const std::string& line : to_lines(state_, now_, room)) text += line + "\n";
    return text;
  }
  const WallTime now_ = *platform::parse_iso8601("2026-01-31T12:00:00.000Z");
  State state_;
};

TEST_F(StateLines, TellsWhoReservedUntilWhenAndWhy) {
  const Json owner{{"reserved", true},
                   {"user", "ann"},
                   {"pid", 7},
                   {"since", "2026-01-31T11:00:00.000Z"},
                   {"until", "2026-01-31T13:00:00.000Z"},
                   {"note", "new\nfirmware"}};
  state_.resources = {{"b1", false, 0, {hold(0, owner)}}};
  EXPECT_EQ(lines(),
            "b1: offline, reserved by ann, since 2026-01-31T11:00:00.000Z, until 2026-01-31T13:00:00.000Z: "
            "new firmware\n");
  EXPECT_EQ(lines(90),
            "RESOURCE  STATE              FOR  WHO\n"
            "b1        reserved, offline  1 h  ann, until 2026-01-31T13:00:00.000Z: new firmware\n");
  state_.resources[0].holders[0].owner["set_aside"] = true;
  EXPECT_EQ(lines().substr(0, 30), "b1: offline, set aside by ann,");
}

TEST_F(StateLines, TellsWhatIsWaitedForInShort) {
  const Want any{{"b1", "b2", "b3", "b4", "b5", "b6"}};
  Want slots{{"gpu"}};
  slots.slots = 2;
  Ticket ticket;
  ticket.wants = std::vector<Want>{any, any, slots};
  state_.queue = {ticket};
  EXPECT_EQ(lines(), "1. somebody waits for 2 of b1 or b2 or b3 or b4 or 2 more and 2 slots of gpu\n");
  ticket.owner = {{"user", "ann"}, {"since", "2026-01-31T11:59:57.000Z"}};
  ticket.wants = std::vector<Want>{Want{}};
  ticket.priority = -2;
  state_.queue = {ticket};
  EXPECT_EQ(lines(), "1. ann has waited 3 s for nothing in its inventory, priority -2\n");
}

TEST_F(StateLines, AHolderOfWhomNothingIsKnownIsHeld) {
  state_.resources = {{"b1", true, 0, {hold(0, Json::object())}}};
  EXPECT_EQ(lines(), "b1: held\n");
}

}  // namespace
}  // namespace lockable::cli
