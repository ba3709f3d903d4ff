// Reading JSON that people write, hiding secrets, showing values in messages.
#include <gtest/gtest.h>

#include "json/read_json.h"
#include "json/secrets.h"
#include "json/show.h"

namespace lockable {
namespace {

std::string problem(const std::string& text) {
  try {
    read_json(text);
  } catch (const SyntaxError& error) {
    return error.what();
  }
  return "none";
}

TEST(ReadJson, SaysWhereAndNeverQuotesTheText) {
  EXPECT_EQ(problem("{\"a\": 1,\n \"b\": hunter2}").rfind("line 2, column 7: ", 0), 0U);
  for (const char* text :
       {"{\"password\": \"hunter2\" \"hunter2\"}", "{\"password\": hunter2}", "[\"hunter2\n\"]",
        "[\"hunter2\\u12\"]", "[\"hunter2\xff\"]", "[\"hunter2", "hunter2", "'; expected hunter2"}) {
    EXPECT_EQ(problem(text).find("hunter2"), std::string::npos) << problem(text);
    EXPECT_EQ(problem(text).rfind("line ", 0), 0U) << problem(text);
  }
}

TEST(ReadJson, ANumberThatIsTooLargeIsNamedByItsPlace) {
  EXPECT_EQ(problem("[1,\n \"1e999\\\"1e999\", 1e308, -1e999]"),
            "line 2, column 25: a number is too large (beyond 1.8e308)");
  EXPECT_EQ(problem("1e309").rfind("line 1, column 1: ", 0), 0U);
}

TEST(ReadJson, BracketsInStringsDoNotNest) {
  EXPECT_EQ(problem("[\"" + std::string(100'000, '[') + "\\\"" + std::string(100'000, '{') + "\"]"), "none");
  EXPECT_EQ(problem("\"\\").rfind("line 1, column ", 0), 0U);
  EXPECT_NE(problem(std::string(1'000'000, '{')).find("line 1, column 513: nested deeper"),
            std::string::npos);
  EXPECT_NE(problem(std::string(100'000, ']')).find("line 1, column 1"), std::string::npos);
}

TEST(ReadJson, TheDeepestThatIsAllowed) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_EQ(problem(nested(kMaxDepth)), "none");
  EXPECT_NE(problem(nested(kMaxDepth + 1)), "none");
  EXPECT_FALSE(too_deep(read_json(nested(kMaxDepth))));
  EXPECT_TRUE(too_deep(Json::array({read_json(nested(kMaxDepth))})));
}

TEST(ValidUtf8, KnowsIt) {
  for (const char* good : {"", "a", "grün", "\xF0\x9F\x94\x92", "\x7f"})
    EXPECT_TRUE(valid_utf8(good)) << good;
  for (const char* bad : {"\xff", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    EXPECT_FALSE(valid_utf8(bad));
}

const std::vector<std::string> kPatterns = {"*password*", "api_*", "pin"};

Json hidden(const char* text) { return redacted(Json::parse(text), kPatterns); }

TEST(Secrets, AreHiddenAtAnyDepth) {
  EXPECT_EQ(
      hidden(R"({"id": 1, "Root_PASSWORD_old": "x", "a": [{"pin": 5}, [{"API_key": {"x": 1}}]]})"),
      Json::parse(R"({"id": 1, "Root_PASSWORD_old": "***", "a": [{"pin": "***"}, [{"API_key": "***"}]]})"));
}

TEST(Secrets, OtherKeysAreLeftAlone) {
  const char* plain = R"({"pins": 1, "spin": 2, "api": 3, "xapi_y": 4, "passwor": 5, "": 6})";
  EXPECT_EQ(hidden(plain), Json::parse(plain));
  EXPECT_EQ(redacted(Json::parse(plain), {}), Json::parse(plain));
  EXPECT_EQ(redacted("pin", kPatterns), "pin");
}

TEST(Secrets, PatternsWithManyStars) {
  const auto hides = [](const char* pattern, const std::string& key) {
    return redacted({{key, "x"}}, {pattern}) == Json{{key, "***"}};
  };
  EXPECT_TRUE(hides("*", ""));
  EXPECT_TRUE(hides("a*b*c", "a--b-b--c"));
  EXPECT_TRUE(hides("**b**", "abc"));
  EXPECT_FALSE(hides("a*b*c", "a--c--b"));
  EXPECT_FALSE(hides("", "a"));
  EXPECT_FALSE(hides("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));  // soon
}

// A query says `door.pin` where the resource has `{"door": {"pin": …}}`.
TEST(Secrets, EveryPartOfADottedKeyCounts) {
  EXPECT_EQ(hidden(R"({"door.pin": 1, "pin.x": 2, "door.pins": 3})"),
            Json::parse(R"({"door.pin": "***", "pin.x": "***", "door.pins": 3})"));
}

TEST(Show, IsOneLineOfValidUtf8OfLimitedLength) {
  EXPECT_EQ(show({{"a", "b\nc"}}), R"({"a":"b\nc"})");
  EXPECT_EQ(show("a\xff"), "\"a\uFFFD\"");
  EXPECT_EQ(show("aaaaaaaaaa", 4), "\"aaa…");
  for (std::size_t limit = 0; limit < 12; ++limit) {
    const std::string text = show("äöü€", limit);
    EXPECT_TRUE(valid_utf8(text)) << limit;
    EXPECT_LE(text.size(), std::max<std::size_t>(limit + 3, 11)) << limit;
  }
}

}  // namespace
}  // namespace lockable
