// The line that tells which hardware a test held: what is written is read back.
#include "allocation/allocated_line.h"

#include <gtest/gtest.h>

#include <set>

#include "json/one_line.h"

namespace lockable {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kOdd{"a b",
                                    "a,b",
                                    "a, b",
                                    "\"",
                                    "\\",
                                    "a\"b\\\"",
                                    "(x)",
                                    "after",
                                    " b1",
                                    "b1 ",
                                    "",
                                    "a\nb",
                                    "a\r\nb",
                                    "a\tb",
                                    "\x1b[2J",
                                    "\x7f",
                                    "<CTestLabel>",
                                    "&amp;",
                                    "]]>",
                                    "Prüfstand 3",
                                    "東",
                                    "ä",
                                    "a\xc2\x9b",
                                    "a\xc2\xa0",
                                    "\xe2\x80\xa8",
                                    "\xe2\x80\xae",
                                    "\xef\xbf\xbf",
                                    "\xf0\x9f\x9b\xa0",
                                    "as",
                                    "x on y as z",
                                    "lockable: allocated b1",
                                    std::string("a\0b", 3)};

std::string written(const std::vector<std::string>& ids, const std::string& host = "lab-1") {
  return allocated_text({ids, 3ms, host, {"0f3c"}});
}

TEST(AllocatedLine, IsPlainWhereTheIdsAre) {
  EXPECT_EQ(
      allocated_text({{"nrf-1", "rack:2/b@x.y_z", "Prüfstand"}, 61042ms, "lab-1.example", {"0f3c", "9a41"}}),
      "nrf-1, rack:2/b@x.y_z, Prüfstand after 61.042 s on lab-1.example (alloc_id 0f3c, 9a41)");
  EXPECT_EQ(written({"a, b", "c"}), "\"a, b\", c after 0.003 s on lab-1 (alloc_id 0f3c)");
  EXPECT_EQ(written({"Prüfstand 3"}), "\"Prüfstand 3\" after 0.003 s on lab-1 (alloc_id 0f3c)");
  EXPECT_EQ(written({"<\n\x7f\xe2\x80\xa8"}),
            R"("\u003c\n\u007f\u2028" after 0.003 s on lab-1 (alloc_id 0f3c))");
}

TEST(AllocatedLine, IsReadBackExactly) {
  for (const std::string& odd : kOdd) {
    const std::string text = written({odd, "b1", odd}, odd);
    const auto read = read_allocated_text(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->resource_ids, (std::vector<std::string>{odd, "b1", odd})) << text;
    EXPECT_EQ(read->host, odd) << text;
    EXPECT_EQ(read->queue_time, 3ms);
    EXPECT_EQ(read->alloc_ids, std::vector<std::string>{"0f3c"});
  }
  EXPECT_EQ(read_allocated_text(allocated_text({{"b"}, 3600007ms, "h", {"1", "2"}}))->queue_time, 3600007ms);
}

TEST(AllocatedLine, HoldsNothingThatALineATerminalOrXmlCannotCarry) {
  for (const std::string& odd : kOdd) {
    const std::string text = written({odd}, odd);
    EXPECT_EQ(text, one_line(text));
    EXPECT_TRUE(fits_xml(text));
    EXPECT_EQ(text.find('<'), text.npos) << text;
  }
}

TEST(AllocatedLine, NoTwoIdsLookTheSame) {
  std::set<std::string> texts;
  for (const std::string& odd : kOdd) EXPECT_TRUE(texts.insert(id_in_line(odd)).second) << odd;
}

TEST(AllocatedLine, NothingElseIsRead) {
  const std::string good = "b1 after 0.003 s on lab-1 (alloc_id 0f3c)";
  ASSERT_TRUE(read_allocated_text(good));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(read_allocated_text(good.substr(0, length))) << length;
  for (const char* wrong :
       {"b1 after 0.003 s", "b1 after 0.03 s on h (alloc_id 1)", "b1 after 0.0003 s on h (alloc_id 1)",
        "b1 after -1.003 s on h (alloc_id 1)", "b1 after 0.003 s on h (alloc_id 1).",
        "b1 after 0.003 s on h (alloc_id 1) ", "b1 after 0.003 s on h (alloc_id 1, )",
        "b1, after 0.003 s on h (alloc_id 1)", "b1,b2 after 0.003 s on h (alloc_id 1)",
        "\"b1 after 0.003 s on h (alloc_id 1)", "b1\" after 0.003 s on h (alloc_id 1)",
        "\"b\\q\" after 0.003 s on h (alloc_id 1)", "\"b1\\", "(b1) after 0.003 s on h (alloc_id 1)",
        "b1 after 99999999999999999999.003 s on h (alloc_id 1)",
        "b1 after 9223372036854775807.003 s on h (alloc_id 1)", "b1 after 0.003 s on h"})
    EXPECT_FALSE(read_allocated_text(wrong)) << wrong;
}

TEST(AllocatedLine, XmlHoldsAllButSomeCharacters) {
  EXPECT_TRUE(fits_xml("a\tb\r\n<&>\" \x7f ä 東"));
  EXPECT_FALSE(fits_xml("\x1b"));
  EXPECT_FALSE(fits_xml(std::string(1, '\0')));
  EXPECT_FALSE(fits_xml("\xef\xbf\xbe"));
}

}  // namespace
}  // namespace lockable
