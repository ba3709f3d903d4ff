// Each operator: what it matches, after MongoDB's manual, and which operands it refuses.
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

#include <string>
#include <vector>

namespace lockable {
namespace {

bool matches(const char* query, const char* resource) {
  return Query::from_json(Json::parse(query)).matches(Json::parse(resource));
}

struct Case {
  const char* query;
  const char* resource;
  bool expected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases)
    EXPECT_EQ(matches(one.query, one.resource), one.expected) << one.query << "\non " << one.resource;
}

TEST(QueryOperators, EqualityKnowsArraysNullAndMissing) {
  check({
      {R"({"a":1})", R"({"a":1})", true},
      {R"({"a":1})", R"({"a":1.0})", true},
      {R"({"a":1})", R"({"a":"1"})", false},
      {R"({"a":1})", R"({"a":true})", false},
      {R"({"a":1})", R"({"a":[2,1]})", true},
      {R"({"a":1})", R"({"a":[[1]]})", false},
      {R"({"a":[1,2]})", R"({"a":[1,2]})", true},
      {R"({"a":[1,2]})", R"({"a":[2,1]})", false},
      {R"({"a":[1,2]})", R"({"a":[[1,2],3]})", true},
      {R"({"a":null})", R"({})", true},
      {R"({"a":null})", R"({"a":null})", true},
      {R"({"a":null})", R"({"a":[]})", false},
      {R"({"a":null})", R"({"a":[null]})", true},
      {R"({"a":null})", R"({"a":0})", false},
      {R"({"a":""})", R"({})", false},
  });
}

TEST(QueryOperators, NestedPlainObjectsMatchAsSubsetsAndEqComparesWhole) {
  check({
      {R"({"a":{"b":1}})", R"({"a":{"b":1,"c":2}})", true},
      {R"({"a":{"b":{"c":1}}})", R"({"a":{"b":{"c":1,"d":2},"e":3}})", true},
      {R"({"a":{"b":1}})", R"({"a":[{"b":2},{"b":1,"c":2}]})", true},
      {R"({"a":{"b":null}})", R"({"a":{}})", true},
      {R"({"a":{"b":null}})", R"({})", false},
      {R"({"a":{}})", R"({"a":{"b":1}})", true},
      {R"({"a":{}})", R"({"a":1})", false},
      {R"({"a":{"b":{"$gt":1}}})", R"({"a":{"b":2,"c":0}})", true},
      {R"({"a":{"b.c":1}})", R"({"a":{"b":{"c":1}}})", true},
      {R"({"a":{"$eq":{"b":1}}})", R"({"a":{"b":1,"c":2}})", false},
      {R"({"a":{"$eq":{"c":2,"b":1}}})", R"({"a":{"b":1,"c":2}})", true},
      {R"({"a":{"$ne":{"b":1}}})", R"({"a":{"b":1,"c":2}})", true},
      {R"({"a":{"$in":[{"b":1}]}})", R"({"a":{"b":1,"c":2}})", false},
      {R"({"a":{"$all":[{"b":1}]}})", R"({"a":[{"b":1,"c":2}]})", false},
      {R"({"a":{"$all":[{"b":1}]}})", R"({"a":[{"b":1}]})", true},
  });
}

TEST(QueryOperators, DottedPathsGoThroughArrays) {
  check({
      {R"({"a.b":1})", R"({"a":{"b":1}})", true},
      {R"({"a.b":1})", R"({"a":[{"b":2},{"b":1}]})", true},
      {R"({"a.b":1})", R"({"a":[[{"b":1}]]})", false},
      {R"({"a.b":1})", R"({"a.b":1})", false},
      {R"({"a.b":null})", R"({"a":[{"b":1},{}]})", true},
      {R"({"a.b":null})", R"({"a":[1,2]})", false},
      {R"({"a.b":null})", R"({"a":5})", true},
      {R"({"a.b":null})", R"({"a":[]})", false},
      {R"({"a.1":7})", R"({"a":[5,7]})", true},
      {R"({"a.0":7})", R"({"a":[5,7]})", false},
      {R"({"a.01":7})", R"({"a":[5,7]})", false},
      {R"({"a.1":7})", R"({"a":{"1":7}})", true},
      {R"({"a.1":4})", R"({"a":[5,{"1":4}]})", true},
      {R"({"a.0":1})", R"({"a":[[1,2]]})", false},
      {R"({"a.0":[1,2]})", R"({"a":[[1,2]]})", true},
      {R"({"a.0.1":2})", R"({"a":[[1,2]]})", true},
      {R"({"a.0.b":1})", R"({"a":[{"b":1}]})", true},
      {R"({"a.0.b":null})", R"({"a":[5]})", false},
      {R"({"a.99999999999999999999":1})", R"({"a":[1]})", false},
  });
}

TEST(QueryOperators, NegationsHoldWhereThePositiveFormDoesNot) {
  check({
      {R"({"a":{"$ne":1}})", R"({"a":[1,2]})", false},
      {R"({"a":{"$ne":1}})", R"({})", true},
      {R"({"a":{"$ne":null}})", R"({})", false},
      {R"({"a":{"$nin":[1,2]}})", R"({"a":[3,2]})", false},
      {R"({"a":{"$nin":[1,2]}})", R"({})", true},
      {R"({"a":{"$nin":[null]}})", R"({})", false},
      {R"({"a":{"$nin":[]}})", R"({"a":1})", true},
      {R"({"a":{"$not":{"$gt":5}}})", R"({"a":"x"})", true},
      {R"({"a":{"$not":{"$gt":5}}})", R"({})", true},
      {R"({"a":{"$not":{"$gt":5}}})", R"({"a":[1,6]})", false},
      {R"({"a":{"$not":{"$gt":1,"$lt":5}}})", R"({"a":[0,9]})", false},
      {R"({"a":{"$not":{"$not":{"$eq":1}}}})", R"({"a":1})", true},
      {R"({"a":{"$not":{"$regex":"^x"}}})", R"({"a":"xy"})", false},
  });
}

TEST(QueryOperators, ComparisonsStayWithinOneType) {
  check({
      {R"({"a":{"$gt":1}})", R"({"a":1.5})", true},
      {R"({"a":{"$gt":1}})", R"({"a":"2"})", false},
      {R"({"a":{"$lt":"b"}})", R"({"a":"a"})", true},
      {R"({"a":{"$lt":"a"}})", R"({"a":"B"})", true},
      {R"({"a":{"$gte":false}})", R"({"a":true})", true},
      {R"({"a":{"$lt":1}})", R"({"a":null})", false},
      {R"({"a":{"$gte":null}})", R"({})", true},
      {R"({"a":{"$gt":null}})", R"({"a":null})", false},
      {R"({"a":{"$gt":4,"$lt":6}})", R"({"a":[1,9]})", true},
      {R"({"a":{"$gt":[1]}})", R"({"a":[1,0]})", true},
      {R"({"a":{"$gt":[1]}})", R"({"a":[[2]]})", true},
      {R"({"a":{"$lt":{"b":2}}})", R"({"a":{"b":1,"c":0}})", true},
      {R"({"a":{"$in":[]}})", R"({"a":1})", false},
      {R"({"a":{"$in":[null,1]}})", R"({})", true},
      {R"({"a":{"$in":["x","y","z","p","q","r","s","t","u","vw"]}})", R"({"a":"vw"})", true},
      {R"({"a":{"$in":["x","y","z","p","q","r","s","t","u","vw"]}})", R"({"a":"v"})", false},
  });
}

TEST(QueryOperators, IntegersAreExactTo64Bits) {
  check({
      {R"({"a":9007199254740993})", R"({"a":9007199254740992})", false},
      {R"({"a":9007199254740993})", R"({"a":9007199254740992.0})", false},
      {R"({"a":9223372036854775807})", R"({"a":9223372036854775808})", false},
      {R"({"a":9223372036854775808})", R"({"a":-9223372036854775808})", false},
      {R"({"a":18446744073709551615})", R"({"a":18446744073709551616})", false},
      {R"({"a":{"$lt":9007199254740993}})", R"({"a":9007199254740992.0})", true},
      {R"({"a":{"$gt":18446744073709551615}})", R"({"a":18446744073709551616})", true},
      {R"({"a":{"$gt":-1}})", R"({"a":18446744073709551615})", true},
      {R"({"a":{"$mod":[10,5]}})", R"({"a":18446744073709551615})", true},
  });
}

TEST(QueryOperators, ExistsTypeModSize) {
  check({
      {R"({"a":{"$exists":true}})", R"({"a":null})", true},
      {R"({"a":{"$exists":true}})", R"({"a":[]})", true},
      {R"({"a":{"$exists":false}})", R"({})", true},
      {R"({"a.b":{"$exists":false}})", R"({"a":[1]})", true},
      {R"({"a":{"$type":"string"}})", R"({"a":[1,"x"]})", true},
      {R"({"a":{"$type":2}})", R"({"a":"x"})", true},
      {R"({"a":{"$type":"array"}})", R"({"a":[]})", true},
      {R"({"a":{"$type":"object"}})", R"({"a":{}})", true},
      {R"({"a":{"$type":"int"}})", R"({"a":2147483647})", true},
      {R"({"a":{"$type":"int"}})", R"({"a":2147483648})", false},
      {R"({"a":{"$type":"long"}})", R"({"a":-2147483649})", true},
      {R"({"a":{"$type":"double"}})", R"({"a":1.0})", true},
      {R"({"a":{"$type":"number"}})", R"({"a":1})", true},
      {R"({"a":{"$type":["null",8.0]}})", R"({"a":false})", true},
      {R"({"a":{"$type":"null"}})", R"({})", false},
      {R"({"a":{"$type":"date"}})", R"({"a":"2026-01-01"})", false},
      {R"({"a":{"$mod":[4,1]}})", R"({"a":5})", true},
      {R"({"a":{"$mod":[4,-1]}})", R"({"a":-5})", true},
      {R"({"a":{"$mod":[4.9,1.9]}})", R"({"a":5.7})", true},
      {R"({"a":{"$mod":[4,0]}})", R"({"a":"4"})", false},
      {R"({"a":{"$mod":[-1,0]}})", R"({"a":-9223372036854775808})", true},
      {R"({"a":{"$mod":[2,0]}})", R"({"a":1e300})", false},
      {R"({"a":{"$size":2}})", R"({"a":[1,2]})", true},
      {R"({"a":{"$size":2.0}})", R"({"a":[[1,2]]})", false},
      {R"({"a":{"$size":0}})", R"({})", false},
  });
}

TEST(QueryOperators, RegularExpressions) {
  check({
      {R"({"a":{"$regex":"b"}})", R"({"a":"abc"})", true},
      {R"({"a":{"$regex":"^b"}})", R"({"a":"abc"})", false},
      {R"({"a":{"$regex":"B","$options":"i"}})", R"({"a":"abc"})", true},
      {R"({"a":{"$regex":"^b","$options":"m"}})", R"({"a":"a\nb"})", true},
      {R"({"a":{"$regex":"a.b"}})", R"({"a":"a\nb"})", false},
      {R"({"a":{"$regex":"a.b","$options":"s"}})", R"({"a":"a\nb"})", true},
      {R"({"a":{"$regex":"a b # c","$options":"x"}})", R"({"a":"ab"})", true},
      {R"({"a":{"$regex":"ÄÖ","$options":"i"}})", R"({"a":"äö"})", true},
      {R"({"a":{"$regex":"^.$"}})", R"({"a":"ä"})", true},
      {R"({"a":{"$regex":"1"}})", R"({"a":1})", false},
      {R"({"a":{"$regex":""}})", R"({"a":""})", true},
      {R"({"a":{"$regex":"x"}})", R"({"a":[1,"x"]})", true},
      {R"({"a":{"$regex":"^(a)\\1$"}})", R"({"a":"aa"})", true},
  });
}

TEST(QueryOperators, AllAndElemMatch) {
  check({
      {R"({"a":{"$all":[1,2]}})", R"({"a":[2,3,1]})", true},
      {R"({"a":{"$all":[1,2]}})", R"({"a":[1]})", false},
      {R"({"a":{"$all":[1]}})", R"({"a":1})", true},
      {R"({"a":{"$all":[[1,2]]}})", R"({"a":[1,2]})", true},
      {R"({"a":{"$all":[]}})", R"({"a":[]})", false},
      {R"({"a":{"$all":[null]}})", R"({})", true},
      {R"({"a":{"$all":[{"$elemMatch":{"$gt":1}},{"$elemMatch":{"$lt":0}}]}})", R"({"a":[2,-1]})", true},
      {R"({"a":{"$elemMatch":{"$gt":4,"$lt":6}}})", R"({"a":[1,9]})", false},
      {R"({"a":{"$elemMatch":{"$gt":4,"$lt":6}}})", R"({"a":[1,5]})", true},
      {R"({"a":{"$elemMatch":{"$gt":4}}})", R"({"a":[[5]]})", false},
      {R"({"a":{"$elemMatch":{"$gt":4}}})", R"({"a":5})", false},
      {R"({"a":{"$elemMatch":{"b":1,"c":2}}})", R"({"a":[{"b":1},{"c":2}]})", false},
      {R"({"a":{"$elemMatch":{"b":1,"c":2}}})", R"({"a":[{"b":1,"c":2}]})", true},
      {R"({"a":{"$elemMatch":{"$or":[{"b":1},{"c":2}]}}})", R"({"a":[{"c":2}]})", true},
      {R"({"a":{"$elemMatch":{"b":null}}})", R"({"a":[1]})", false},
      {R"({"a":{"$elemMatch":{}}})", R"({"a":[{}]})", true},
      {R"({"a":{"$elemMatch":{"0":1}}})", R"({"a":[[1]]})", true},
      {R"({"a":{"$elemMatch":{"$not":{"$gt":1}}}})", R"({"a":[5,"x"]})", true},
      {R"({"a.b":{"$elemMatch":{"$size":1}}})", R"({"a":[{"b":[[1]]}]})", true},
  });
}

TEST(QueryOperators, LogicalOperatorsNest) {
  check({
      {R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1,"b":2})", true},
      {R"({"$and":[{"a":1},{"b":2}]})", R"({"a":1})", false},
      {R"({"$or":[{"a":1},{"b":2}]})", R"({"b":2})", true},
      {R"({"$or":[{"a":1},{"b":2}]})", R"({"b":1})", false},
      {R"({"$nor":[{"a":1},{"b":2}]})", R"({"b":1})", true},
      {R"({"$nor":[{"a":1},{"b":2}]})", R"({"a":1})", false},
      {R"({"$or":[{"$and":[{"a":1},{"$nor":[{"b":2}]}]}],"c":3})", R"({"a":1,"c":3})", true},
      {R"({"$or":[{}]})", R"({})", true},
      {R"({"$nor":[{}]})", R"({})", false},
  });
}

TEST(QueryOperators, WhatIsNoObjectMatchesNothing) {
  for (const char* value : {"null", "1", "\"a\"", "[]", "[{\"a\":1}]"})
    EXPECT_FALSE(matches(R"({"a":{"$ne":5}})", value)) << value;
}

TEST(QueryOperators, SlotsAskForResourcesThatHaveEnough) {
  check({
      {R"({"$slots":2})", R"({"slots":2})", true},
      {R"({"$slots":2})", R"({"slots":1})", false},
      {R"({"$slots":2})", R"({})", false},
      {R"({"$slots":1})", R"({})", true},
      {R"({"$slots":1})", R"({"slots":"4"})", false},
      {R"({})", R"({"slots":0})", true},
  });
  EXPECT_EQ(Query::parse(R"({"$slots":3})").slots(), 3);
  EXPECT_EQ(Query::parse("{}").slots(), 0);
}

}  // namespace
}  // namespace lockable
