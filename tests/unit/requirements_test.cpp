// Every text form of requirements, what is refused, and what equality and subsets match.
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

namespace lockable {
namespace {

std::string problem(const std::string& text) {
  try {
    Requirements::parse(text);
  } catch (const InvalidRequirements& error) {
    return error.what();
  }
  return "none";
}

bool matches(const char* query, const char* resource) {
  return Query::parse(query).matches(Json::parse(resource));
}

TEST(RequirementsText, EmptyAsksForAnyOne) {
  for (const char* text : {"", " ", "\n\t\r ", "{}", " {} "}) {
    const Requirements any = Requirements::parse(text);
    EXPECT_EQ(any.size(), 1) << text;
    EXPECT_EQ(any.json(), Json::object()) << text;
  }
  EXPECT_EQ(Requirements().json(), Json::object());
}

TEST(RequirementsText, AnObjectIsOneQueryAnArrayIsSeveral) {
  EXPECT_EQ(Requirements::parse(" {\"type\": \"dut\"}").json(), (Json{{"type", "dut"}}));
  EXPECT_EQ(Requirements::parse("[{\"a\": 1}, {}]").json(), Json::parse("[{\"a\": 1}, {}]"));
  EXPECT_EQ(Requirements::parse("[{\"a\": 1}]").size(), 1);
  EXPECT_EQ(Requirements({"a=b", "", "[{\"c\": 1}, {\"d\": 2}]"}).json(),
            Json::parse(R"([{"a": "b"}, {}, {"c": 1}, {"d": 2}])"));
}

TEST(RequirementsText, PairsAreSplitAtTheFirstEquals) {
  EXPECT_EQ(Requirements::parse("a=b&c.d=e=f&g h=i j").json(),
            (Json{{"a", "b"}, {"c.d", "e=f"}, {"g h", "i j"}}));
  EXPECT_EQ(Requirements::parse("a=true&b=false&c=null&d=True&e=nullx").json(),
            (Json{{"a", true}, {"b", false}, {"c", nullptr}, {"d", "True"}, {"e", "nullx"}}));
  EXPECT_EQ(Requirements::parse("größe=groß").json(), (Json{{"größe", "groß"}}));
}

TEST(RequirementsText, ANumberMatchesTheStringOrTheNumberThatJsonReads) {
  EXPECT_TRUE(matches("a=1", R"({"a": 1})"));
  EXPECT_TRUE(matches("a=1", R"({"a": 1.0})"));
  EXPECT_TRUE(matches("a=1", R"({"a": "1"})"));
  EXPECT_FALSE(matches("a=1", R"({"a": true})"));
  EXPECT_TRUE(matches("a=1e2", R"({"a": 100})"));
  EXPECT_TRUE(matches("a=-0", R"({"a": 0})"));
  EXPECT_TRUE(matches("a=9223372036854775809", R"({"a": 9223372036854775809})"));
  EXPECT_FALSE(matches("a=9223372036854775809", R"({"a": 9223372036854775808})"));
  for (const char* text : {"01", "+1", "0x1", "1e999", "NaN", "1.", ".5"}) {
    EXPECT_EQ(Requirements::parse(std::string("a=") + text).json(), (Json{{"a", text}})) << text;
    EXPECT_FALSE(matches((std::string("a=") + text).c_str(), R"({"a": 1})")) << text;
  }
}

TEST(RequirementsText, WhatIsRefusedIsNamed) {
  const struct {
    std::string text;
    const char* said;
  } cases[] = {
      {"{", "line 1, column 2"},
      {"{\"a\":}", "line 1, column 6"},
      {"{\"a\": 1} x", "line 1, column 10"},
      {"{\"a\": 1e999}", "line 1, column 7: a number is too large"},
      {"[", "line 1, column 2"},
      {"[]", "an empty array asks for nothing"},
      {"[[]]", "query 1: expected a JSON object"},
      {"[[{\"a\": 1}]]", "query 1: expected a JSON object"},
      {"[{}, 5]", "query 2: expected a JSON object"},
      {"[{}, null]", "query 2: expected a JSON object"},
      {"a", "\"a\" has no '='; expected key=value"},
      {"a=", "\"a\" has no value; for one that is missing or null write a=null"},
      {"=b", "\"=b\" has no key before '='"},
      {"=", "has no key before '='"},
      {"a=b&", "\"\" has no '='"},
      {"&a=b", "\"\" has no '='"},
      {"a=b&&c=d", "\"\" has no '='"},
      {"a=b&a=c", "\"a\" is stated twice"},
      {"a =b", "\"a \" begins or ends with a space"},
      {"a=b& c=d", "\" c\" begins or ends with a space"},
      {"$a=b", "unknown operator \"$a\""},
      {"a..b=c", "a part of it is empty"},
      {".a=c", "a part of it is empty"},
      {"a.=c", "a part of it is empty"},
      {"a.$b=c", "a part of a dotted key cannot start with \"$\""},
      {"{\"\": 1}", "a part of it is empty"},
      {"{\"a\": {\"b\": {\"\": 1}}}", "at \"a.b.\""},
      {"{\"a\": {\"$nope\": 1}}", "at \"a.$nope\": unknown operator \"$nope\""},
      {"{\"a\": {\"$eq\": 1, \"b\": 2}}", "mixes operators with the plain key \"b\""},
      {"{\"a\": {\"$in\": 1}}", "$in: expected an array"},
      {"a=b\xff", "is not valid UTF-8"},
      {"{\"a\": \"\xff\"}", "line 1, column 8"},
      {std::string("a\0", 2), "\"a\\u0000\" has no '='"},
      {std::string(100'000, '['), "line 1, column 513: nested deeper than 512 levels"},
      {std::string(100'000, '{'), "line 1, column 513: nested deeper than 512 levels"},
  };
  for (const auto& one : cases) {
    const std::string said = problem(one.text);
    EXPECT_EQ(said.rfind("requirements", 0), 0U) << said;
    EXPECT_NE(said.find(one.said), said.npos) << one.text.substr(0, 50) << "\n" << said;
    EXPECT_LT(said.size(), 600U) << said;
  }
}

TEST(RequirementsText, DeepJsonFromAProgramIsRefused) {
  Json nested = Json::object();
  for (int i = 0; i < 600; ++i) nested = Json{{"a", std::move(nested)}};
  EXPECT_THROW(Query::from_json(nested), InvalidRequirements);
  EXPECT_THROW(Requirements{Json::array({nested})}, InvalidRequirements);
}

TEST(RequirementsText, AKeyHasAtMost100Parts) {
  std::string key = "a";
  for (int i = 1; i < 100; ++i) key += ".a";
  EXPECT_FALSE(matches((key + "=1").c_str(), R"({"a": {"a": [1, {"a": 2}]}})"));
  EXPECT_TRUE(matches((key + "=null").c_str(), R"({"a": {"a": 1}})"));
  EXPECT_NE(problem(key + ".a=1").find("more than 100 parts"), std::string::npos);
}

TEST(Roles, AreALetterThenLettersAndDigits) {
  EXPECT_EQ(Query::parse(R"({"$as": "dut2B"})").role(), "dut2B");
  EXPECT_EQ(Query::parse("{}").role(), "");
  for (const char* wrong : {R"("")", R"("2a")", R"("a b")", R"("a_b")", R"("ä")", "null", "5", R"(["a"])"})
    EXPECT_NE(problem(std::string("{\"$as\": ") + wrong + "}").find("at \"$as\": expected a letter"),
              std::string::npos)
        << wrong;
}

TEST(Roles, AreNumberedUnderACount) {
  const auto parts =
      Requirements::parse(R"([{"$as": "dut", "$count": 2}, {"$as": "psu"}, {"$count": 2}])").parts();
  std::vector<std::string> roles;
  for (const auto& part : parts) roles.push_back(part.role);
  EXPECT_EQ(roles, (std::vector<std::string>{"dut1", "dut2", "psu", "", ""}));
  EXPECT_EQ(Requirements::parse(R"({"$as": "dut", "$count": 1})").parts().at(0).role, "dut");
}

TEST(Roles, AreGivenOnce) {
  EXPECT_NE(problem(R"([{"$as": "a"}, {"$as": "a"}])").find("the role \"a\" is given twice"),
            std::string::npos);
  EXPECT_NE(problem(R"([{"$as": "a", "$count": 2}, {"$as": "a2"}])").find("\"a2\" is given twice"),
            std::string::npos);
}

TEST(Count, IsAWholeNumberUpToTheMost) {
  EXPECT_EQ(Requirements::parse(R"({"$count": 64})").size(), 64);
  for (const char* wrong : {"0", "-1", "65", "1.0", "true", "null", "\"2\"", "18446744073709551615",
                            "9223372036854775808", "-9223372036854775808", "4294967297"})
    EXPECT_NE(
        problem(std::string("{\"$count\": ") + wrong + "}").find("expected a whole number from 1 to 64"),
        std::string::npos)
        << wrong;
  EXPECT_NE(problem(R"([{"$count": 64}, {}])").find("ask for 65 resources, at most 64"), std::string::npos);
  EXPECT_NE(problem(R"({"a": {"$count": 2}})").find("$count"), std::string::npos);
}

TEST(Defaults, AreAddedUnlessSetAndNullRemoves) {
  const auto complete = [](const char* text) {
    return Requirements::parse(text).with_defaults("lab").json();
  };
  EXPECT_EQ(complete("a=b"), (Json{{"a", "b"}, {"hostname", "lab"}, {"online", true}}));
  EXPECT_EQ(complete("hostname=x&online=false"), (Json{{"hostname", "x"}, {"online", false}}));
  EXPECT_EQ(complete("hostname=null&online=null"), Json::object());
  EXPECT_EQ(complete(R"({"$as": "a", "$count": 2, "online": null})"),
            (Json{{"$as", "a"}, {"$count", 2}, {"hostname", "lab"}}));
  EXPECT_TRUE(Query::parse("online=null&hostname=null").with_defaults("lab").matches({{"id", 1}}));
  EXPECT_FALSE(Query::parse("{}").with_defaults("lab").matches({{"id", 1}, {"hostname", "lab"}}));
  EXPECT_FALSE(Query::parse("{}").with_defaults("lab").matches({{"hostname", "lab"}, {"online", "true"}}));
  EXPECT_TRUE(
      Query::parse("{}").with_defaults("lab").matches({{"hostname", {"x", "lab"}}, {"online", true}}));
}

TEST(Matching, NestedObjectsAreSubsets) {
  EXPECT_TRUE(matches(R"({"slot": {"row": 3}})", R"({"slot": {"row": 3, "column": 4}})"));
  EXPECT_TRUE(matches(R"({"slot": {"row": {"a": 1}}})", R"({"slot": {"row": {"b": 2, "a": 1}}})"));
  EXPECT_TRUE(matches(R"({"slot": {}})", R"({"slot": {"row": 3}})"));
  EXPECT_FALSE(matches(R"({"slot": {}})", R"({"slot": 3})"));
  EXPECT_FALSE(matches(R"({"slot": {}})", R"({})"));
  EXPECT_FALSE(matches(R"({"slot": {"row": 3, "x": 1}})", R"({"slot": {"row": 3}})"));
  EXPECT_TRUE(matches(R"({"slot": {"row": 3}})", R"({"slot": [5, {"row": 3}]})"));
  EXPECT_TRUE(matches(R"({"slot": {"$eq": {"b": 2, "a": 1}}})", R"({"slot": {"a": 1, "b": 2}})"));
  EXPECT_FALSE(matches(R"({"slot": {"$eq": {"a": 1}}})", R"({"slot": {"a": 1, "b": 2}})"));
}

TEST(Matching, ArraysByAnyElementOrAsAWhole) {
  EXPECT_TRUE(matches(R"({"tags": "x"})", R"({"tags": ["y", "x"]})"));
  EXPECT_FALSE(matches(R"({"tags": "x"})", R"({"tags": [["x"]]})"));
  EXPECT_TRUE(matches(R"({"tags": ["x", 1]})", R"({"tags": ["x", 1.0]})"));
  EXPECT_TRUE(matches(R"({"tags": ["x"]})", R"({"tags": ["y", ["x"]]})"));
  EXPECT_FALSE(matches(R"({"tags": ["x"]})", R"({"tags": ["x", "y"]})"));
  EXPECT_TRUE(matches(R"({"tags": []})", R"({"tags": []})"));
  EXPECT_FALSE(matches(R"({"tags": []})", R"({"tags": "x"})"));
}

TEST(Matching, DottedPathsGoThroughArrays) {
  EXPECT_TRUE(matches("slot.row=3", R"({"slot": {"row": 3}})"));
  EXPECT_TRUE(matches("ports.1=b", R"({"ports": ["a", "b"]})"));
  EXPECT_FALSE(matches("ports.2=b", R"({"ports": ["a", "b"]})"));
  EXPECT_FALSE(matches("ports.01=b", R"({"ports": ["a", "b"]})"));
  EXPECT_FALSE(matches("ports.18446744073709551617=b", R"({"ports": ["a", "b"]})"));
  EXPECT_TRUE(matches("ports.name=b", R"({"ports": [1, {"name": "a"}, {"name": "b"}]})"));
  EXPECT_FALSE(matches("slot.row=3", R"({"slot.row": 3})"));
}

TEST(Matching, NullIsNullOrMissing) {
  EXPECT_TRUE(matches("note=null", R"({})"));
  EXPECT_TRUE(matches("note=null", R"({"note": null})"));
  EXPECT_FALSE(matches("note=null", R"({"note": false})"));
  EXPECT_FALSE(matches("note=null", R"({"note": []})"));
  EXPECT_TRUE(matches("note=null", R"({"note": [1, null]})"));
  EXPECT_TRUE(matches("a.b=null", R"({"a": 5})"));
}

TEST(Matching, TypesAreNeverEqualToAnother) {
  EXPECT_FALSE(matches(R"({"a": "1"})", R"({"a": 1})"));
  EXPECT_FALSE(matches(R"({"a": 0})", R"({"a": false})"));
  EXPECT_FALSE(matches(R"({"a": ""})", R"({"a": null})"));
  EXPECT_FALSE(matches(R"({"a": "Dut"})", R"({"a": "dut"})"));
}

TEST(Matching, WhatIsNoObjectMatchesNothing) {
  for (const Json& other : {Json(), Json(5), Json("x"), Json::array(), Json::array({Json::object()})})
    EXPECT_FALSE(Query::parse("{}").matches(other)) << other;
}

}  // namespace
}  // namespace lockable
