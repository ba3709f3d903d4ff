// Malformed queries: refused when they are compiled, whatever the data, naming the operator and its place.
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

#include <string>
#include <vector>

namespace lockable {
namespace {

std::string error_of(const Json& query) {
  try {
    Query::from_json(query);
    return "";
  } catch (const InvalidRequirements& error) {
    return error.what();
  }
}

std::string error_of(const std::string& text) {
  try {
    Query::parse(text);
    return "";
  } catch (const InvalidRequirements& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

const std::vector<std::string> kOneOfEachKind = {"null",
                                                 "true",
                                                 "1",
                                                 "-1",
                                                 "1.5",
                                                 "\"x\"",
                                                 "\"\"",
                                                 "[]",
                                                 "[1]",
                                                 "[1,\"x\"]",
                                                 "[{}]",
                                                 "[null]",
                                                 "{}",
                                                 R"({"b":1})",
                                                 R"({"$nope":1})",
                                                 R"([{"$nope":1}])",
                                                 R"([[1]])",
                                                 "1e30",
                                                 "18446744073709551615"};

// `good` are the operands among kOneOfEachKind that the operator takes.
void check_operands(const std::string& name, const std::vector<std::string>& good) {
  for (const std::string& operand : kOneOfEachKind) {
    const std::string text = R"({"a":{")" + name + "\":" + operand + "}}";
    const std::string error = error_of(text);
    if (std::find(good.begin(), good.end(), operand) != good.end()) {
      EXPECT_EQ(error, "") << text;
    } else {
      EXPECT_TRUE(contains(error, name) && contains(error, "\"a." + name)) << text << ": " << error;
    }
  }
}

TEST(QueryErrors, OperandsOfEveryWrongType) {
  for (const char* name : {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte"}) check_operands(name, kOneOfEachKind);
  for (const char* name : {"$in", "$nin", "$all"})
    check_operands(name, {"[]", "[1]", "[1,\"x\"]", "[{}]", "[null]", "[[1]]"});
  check_operands("$exists", {"true"});
  check_operands("$type", {"1", "-1", "[1]"});
  check_operands("$mod", {});
  check_operands("$regex", {"\"x\"", "\"\""});
  check_operands("$options", {});
  check_operands("$elemMatch", {"{}", R"({"b":1})"});
  check_operands("$size", {"1"});
  check_operands("$not", {});
}

TEST(QueryErrors, LogicalOperatorsTakeQueries) {
  for (const std::string name : {"$and", "$or", "$nor"}) {
    for (const std::string& operand : kOneOfEachKind) {
      const std::string error = error_of("{\"" + name + "\":" + operand + "}");
      if (operand == "[{}]")
        EXPECT_EQ(error, "") << name;
      else
        EXPECT_TRUE(contains(error, operand == "[{\"$nope\":1}]" ? "$nope" : name))
            << name << operand << error;
    }
  }
}

TEST(QueryErrors, MessagesNameOperatorAndPlace) {
  const struct {
    const char* query;
    std::vector<const char*> said;
  } cases[] = {
      {R"({"a":{"$mod":[1]}})", {"a.$mod", "[divisor, remainder]", "[1]"}},
      {R"({"a":{"$mod":[0.5,1]}})", {"$mod", "not 0"}},
      {R"({"a":{"$mod":["4",1]}})", {"$mod", "two numbers"}},
      {R"({"a":{"$mod":[9223372036854775808,1]}})", {"$mod", "64 bits"}},
      {R"({"a":{"$mod":[4,1,2]}})", {"$mod"}},
      {R"({"a":{"$size":1.5}})", {"$size", "whole number", "1.5"}},
      {R"({"a":{"$type":"strings"}})", {"$type", "strings"}},
      {R"({"a":{"$type":["string","nope"]}})", {"$type", "nope"}},
      {R"({"a":{"$type":0}})", {"$type"}},
      {R"({"a":{"$regex":"a","$options":"g"}})", {"a.$options", "i, m, s, x", "g"}},
      {R"({"a":{"$options":"i"}})", {"$options", "$regex"}},
      {R"({"a":{"$regex":"a(b"}})", {"a.$regex", "a(b", "byte 3", "parenthes"}},
      {R"({"a":{"$regex":"\\C"}})", {"$regex", "\\\\C"}},
      {R"({"a":{"$all":[{"$elemMatch":{}},1]}})", {"$all", "$elemMatch"}},
      {R"({"a":{"$all":[{"$elemMatch":{"b":{"$nope":1}}}]}})", {"a.$all.0.$elemMatch.b", "$nope"}},
      {R"({"a":{"$gt":1,"b":2}})", {"mixes", "\"b\""}},
      {R"({"a":{"$and":[{"b":1}]}})", {"$and", "beside keys"}},
      {R"({"$gt":5})", {"$gt", "needs a key"}},
      {R"({"$not":{"a":1}})", {"$not", "needs a key"}},
      {R"({"$same":["a"]})", {"$same", "array"}},
      {R"({"$prefer":[{"a":1}]})", {"$prefer", "array"}},
      {R"({"$or":[{"a":1},{"b":{"$in":5}}]})", {"$or.1.b.$in", "array"}},
      {R"({"$or":[{"$count":2}]})", {"$count", "top of a query"}},
      {R"({"a":{"$slots":2}})", {"$slots", "top of a query"}},
      {R"({"$slots":0})", {"$slots", "from 1"}},
      {R"({"$slots":"2"})", {"$slots", "from 1"}},
  };
  for (const auto& one : cases) {
    const std::string error = error_of(std::string(one.query));
    for (const char* part : one.said) EXPECT_TRUE(contains(error, part)) << one.query << ": " << error;
  }
}

TEST(QueryErrors, UnknownOperatorsAtAnyDepthWhateverTheData) {
  for (const char* query :
       {R"({"$nope":1})", R"({"a":{"$nope":1}})", R"({"a":{"b":{"c":{"$nope":1}}}})",
        R"({"$or":[{"a":1},{"$nope":1}]})", R"({"$nor":[{"$and":[{"a":{"$nope":1}}]}]})",
        R"({"a":{"$not":{"$nope":1}}})", R"({"a":{"$not":{"$not":{"$gt":1,"$nope":1}}}})",
        R"({"a":{"$elemMatch":{"$nope":1}}})", R"({"a":{"$elemMatch":{"b":{"$nope":1}}}})",
        R"({"a":{"$in":[{"$nope":1}]}})", R"({"id":"never","a":{"$gt":1,"$nope":1}})",
        R"({"a":{"$where":"1"}})", R"({"a":{"$near":1}})"}) {
    const std::string error = error_of(std::string(query));
    EXPECT_TRUE(contains(error, "$nope") || contains(error, "unknown operator")) << query << ": " << error;
  }
}

TEST(QueryErrors, KeysWithDotsDollarsOrNothing) {
  for (const char* query :
       {R"({"":1})", R"({".":1})", R"({"a.":1})", R"({".a":1})", R"({"a..b":1})", R"({"a.$b":1})",
        R"({"$":1})", R"({"a":{"$":1}})", R"({"a":{"":1}})", R"({"a":{"b..c":1}})"})
    EXPECT_NE(error_of(std::string(query)), "") << query;
  std::string parts = "a";
  for (int i = 0; i < 100; ++i) parts += ".a";
  EXPECT_TRUE(contains(error_of(Json{{parts, 1}}), "100 parts"));
  EXPECT_TRUE(contains(error_of(Json{{"a.0.0.0.0.0.0.0.0.0", 1}}), "8 numbers"));
}

TEST(QueryErrors, DeepNestingIsRefused) {
  std::string text = R"({"a":)";
  for (int i = 0; i < 10'000; ++i) text += R"({"$not":)";
  text += R"({"$eq":1})" + std::string(10'001, '}');
  EXPECT_TRUE(contains(error_of(text), "nested deeper than 512"));
  Json query{{"$eq", 1}};
  for (int i = 0; i < 10'000; ++i) query = Json::object({{"$not", std::move(query)}});
  EXPECT_TRUE(contains(error_of(Json{{"a", std::move(query)}}), "nested deeper than 512"));
}

TEST(QueryErrors, AsDeepAsAllowedWorks) {
  Json query{{"$eq", 1}};
  for (int i = 0; i < 508; ++i) query = Json::object({{"$not", std::move(query)}});
  EXPECT_TRUE(Query::from_json({{"a", query}}).matches({{"a", 1}}));
}

TEST(QueryErrors, NumbersBeyond64BitsAreFloatingPointAndBeyondThoseRefused) {
  EXPECT_TRUE(
      Query::parse(R"({"a":18446744073709551616})").matches(Json::parse(R"({"a":18446744073709551616})")));
  EXPECT_FALSE(
      Query::parse(R"({"a":18446744073709551615})").matches(Json::parse(R"({"a":18446744073709551616})")));
  EXPECT_TRUE(contains(error_of(std::string(R"({"a":1e400})")), "too large"));
}

TEST(QueryErrors, InvalidUtf8) {
  EXPECT_TRUE(contains(error_of(std::string("{\"a\":\"\xff\"}")), "UTF-8"));
  EXPECT_TRUE(contains(error_of(std::string("a=\xff")), "UTF-8"));
  EXPECT_TRUE(contains(error_of(Json{{"a", {{"$regex", "\xff"}}}}), "$regex"));
  const Query text = Query::from_json({{"a", "\xff"}});
  EXPECT_TRUE(text.matches({{"a", "\xff"}}));
  EXPECT_FALSE(text.matches({{"a", "\xfe"}}));
}

TEST(QueryErrors, RegularExpressionsOnInvalidUtf8MatchItsValidParts) {
  const Query any = Query::from_json({{"a", {{"$regex", "^.$"}}}});
  EXPECT_FALSE(any.matches({{"a", "\xff"}}));
  EXPECT_FALSE(any.matches({{"a", "\xe2\x82"}}));
  EXPECT_TRUE(Query::from_json({{"a", {{"$regex", "b"}}}}).matches({{"a", "\xff b"}}));
}

TEST(QueryErrors, ARegularExpressionThatTakesForeverIsNamed) {
  for (const char* flags : {"", "i"}) {
    const Query query = Query::from_json({{"a", {{"$regex", "^(a+)+$"}, {"$options", flags}}}});
    EXPECT_TRUE(query.matches({{"a", "aaaa"}}));
    try {
      query.matches({{"a", std::string(40, 'a') + "b"}});
      FAIL() << "it ended";
    } catch (const InvalidRequirements& error) {
      EXPECT_TRUE(contains(error.what(), "^(a+)+$")) << error.what();
    }
    EXPECT_FALSE(query.matches({{"a", "b"}})) << "it is usable afterwards";
  }
}

TEST(QueryErrors, LongPatternsAreRefusedAndLongSubjectsAreNot) {
  const std::string error = error_of(Json{{"a", {{"$regex", std::string(1 << 20, 'a')}}}});
  EXPECT_TRUE(contains(error, "1048576 bytes")) << error;
  EXPECT_LT(error.size(), 1000U);
  const Query query = Query::from_json({{"a", {{"$regex", "^(a|b)*c$"}}}});
  EXPECT_TRUE(query.matches({{"a", std::string(20'000, 'a') + "c"}}));
}

}  // namespace
}  // namespace lockable
