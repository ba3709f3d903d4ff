// The command `lockablectl`: list, validate, match, explain.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/bench.h"
#include "support/pseudo_terminal.h"

namespace lockable::testing {
namespace {

using Json = nlohmann::json;

class LockablectlTest : public Bench {
 protected:
  LockablectlTest() : Bench(2) {}

  Ended ctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), LOCKABLECTL_COMMAND);
    return run({std::move(arguments), {{"LOCKABLE_RESOURCES", folder_ / "resources.json"}}, "", ""});
  }
  Ended match(const std::string& documents, const std::string& queries) const {
    return ctl({"match", "--documents", folder_.write("d.json", documents), "--queries",
                folder_.write("q.json", queries)});
  }
};

TEST_F(LockablectlTest, MatchAnswersEachQueryWithALine) {
  const Ended ended =
      match(R"([{"a":1},{"a":2},5,{"a":[1,3]}])", R"([{"a":1},{},{"a":{"$gt":5}},{"a":{"$ne":1}}])");
  EXPECT_EQ(ended.out, "[0,3]\n[0,1,3]\n[]\n[1]\n");
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
}

TEST_F(LockablectlTest, MatchTellsInvalidQueriesFromTheOthersWhateverTheDocuments) {
  for (const char* documents : {"[]", R"([{"a":1}])"}) {
    const Ended ended = match(documents, R"([{"a":{"$nope":1}},{"a":1},5,{"$and":[]}])");
    EXPECT_EQ(ended.exit_code, 65);
    EXPECT_TRUE(contains(ended.out, "{\"error\":\"requirements, at \\\"a.$nope\\\"")) << ended.out;
    EXPECT_TRUE(contains(ended.out, documents[1] == ']' ? "\n[]\n{" : "\n[0]\n{")) << ended.out;
    EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 4);
  }
}

TEST_F(LockablectlTest, MatchEndsWhenARegularExpressionWouldNot) {
  const Ended ended = match(Json{{{"a", std::string(40, 'a') + "b"}}, {{"a", "aa"}}}.dump(),
                            R"([{"a":{"$regex":"^(a+)+$"}},{"a":{"$regex":"^a+$"}}])");
  EXPECT_EQ(ended.exit_code, 65);
  EXPECT_TRUE(contains(ended.out, "^(a+)+$")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "\n[1]\n")) << ended.out;
}

TEST_F(LockablectlTest, AWordThatIsNoCommandIsNamed) {
  const Ended word = ctl({"lst", "--json"});
  EXPECT_EQ(word.exit_code, 64);
  EXPECT_EQ(word.err.rfind("no such command: lst. There are list, validate, ", 0), 0U) << word.err;
  EXPECT_TRUE(contains(word.err, "--help")) << word.err;
  const Ended option = ctl({"--jsn"});
  EXPECT_EQ(option.exit_code, 64);
  EXPECT_EQ(option.err.rfind("unknown option --jsn", 0), 0U) << option.err;
  const Ended nothing = ctl({});
  EXPECT_EQ(nothing.exit_code, 64);
  EXPECT_TRUE(contains(nothing.err, "A subcommand is required")) << nothing.err;
}

TEST_F(LockablectlTest, ListPrintsNothingThatATerminalObeys) {
  write_inventory(R"([{"id":"two\nlines\t\u001b[31m","v":"\u009b"}])");
  const Ended ended = ctl({"list"});
  EXPECT_EQ(ended.out.rfind("two lines  [31m ", 0), 0U) << ended.out;
  EXPECT_EQ(ended.out.find_first_of("\t\x1b\xc2"), ended.out.npos) << ended.out;
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1) << ended.out;
}

TEST_F(LockablectlTest, MatchNeedsTwoArrays) {
  EXPECT_EQ(match("{}", "[]").exit_code, 65);
  EXPECT_EQ(match("[]", "{}").exit_code, 65);
  EXPECT_TRUE(contains(match("[", "[]").err, "d.json: line 1, column"));
  EXPECT_EQ(ctl({"match", "--documents", "/nowhere", "--queries", "/nowhere"}).exit_code, 74);
  EXPECT_EQ(ctl({"match"}).exit_code, 64);
  EXPECT_EQ(match("[]", "[]").exit_code, 0);
}

TEST_F(LockablectlTest, ExplainTellsWhatMatchesOrWhyNothingDoes) {
  const Ended good = ctl({"explain", "--requirements", "type=dut"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_TRUE(contains(good.out, "2 of the 2 resources")) << good.out;
  const Ended bad = ctl({"explain", "--requirements", "type=dud"});
  EXPECT_EQ(bad.exit_code, 69);
  EXPECT_TRUE(contains(bad.out, "\"type\" = \"dud\": is \"dut\" meant?")) << bad.out;
  const Ended other_host = ctl({"explain", "--hostname", "elsewhere", "--requirements", "type=dut"});
  EXPECT_TRUE(contains(other_host.out, "state \"hostname\": null")) << other_host.out;
  EXPECT_EQ(ctl({"explain", "--requirements", R"({"a":{"$nope":1}})"}).exit_code, 65);
}

TEST_F(LockablectlTest, ExplainPrintsJson) {
  const Json told = Json::parse(ctl({"explain", "--json", "--requirements", "id=b2"}).out);
  EXPECT_EQ(told["possible"], true);
  EXPECT_EQ(told["queries"][0]["matches"], Json({"b2"}));
  EXPECT_EQ(told["best"], Json({"b2"}));
}

TEST_F(LockablectlTest, ValidateTellsAllErrorsAtOnce) {
  write_inventory(R"([{"id":"a"},{"id":"a"},5,{"x":1},{"id":""}])");
  const Ended ended = ctl({"validate"});
  EXPECT_EQ(ended.exit_code, 65);
  for (const char* part :
       {"elements 0 and 1", "element 2 is no object", "element 3 has no", "element 4 has an empty id"})
    EXPECT_TRUE(contains(ended.err, part)) << ended.err;
  EXPECT_EQ(Json::parse(ctl({"validate", "--json"}).out)["errors"].size(), 4U);
  write_inventory("[");
  EXPECT_TRUE(contains(ctl({"validate"}).err, "line 1, column 2"));
}

TEST_F(LockablectlTest, ValidateWarnsOfWhatIsProbablyAMistake) {
  write_inventory(R"([{"id":"a","hostnme":"x","online":true},{"id":"b","hostname":"x","online":1}])");
  const Ended ended = ctl({"validate"});
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_TRUE(contains(ended.err, "is the key \"hostnme\" meant to be \"hostname\"?")) << ended.err;
  EXPECT_TRUE(contains(ended.err, "\"online\" is 1, expected true or false")) << ended.err;
  EXPECT_TRUE(contains(ended.out, "valid, 2 resources")) << ended.out;
}

TEST_F(LockablectlTest, ListHidesSecrets) {
  write_inventory(R"([{"id":"a","api_token":"s3cret","type":"dut"}])");
  for (const Ended& ended : {ctl({"list"}), ctl({"list", "--json"})}) {
    EXPECT_FALSE(contains(ended.out, "s3cret"));
    EXPECT_TRUE(contains(ended.out, "***"));
  }
}

TEST_F(LockablectlTest, ListIsATableOnATerminal) {
  write_inventory(R"([{"id":"a","type":"dut","note":"x"},{"id":"board-2","type":"\u001b[2Jpsu"}])");
  AtTerminal terminal(
      {{LOCKABLECTL_COMMAND, "list"}, {{"LOCKABLE_RESOURCES", folder_ / "resources.json"}}, "", ""});
  terminal.await_screen("psu");
  EXPECT_TRUE(contains(terminal.shown(), "id       type")) << terminal.shown();
  EXPECT_TRUE(contains(terminal.shown(), "board-2  \"\\u001b[2Jpsu")) << terminal.shown();
  EXPECT_EQ(terminal.wait(), 0);
}

}  // namespace
}  // namespace lockable::testing
