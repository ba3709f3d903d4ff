// What the array form of requirements says beside its queries: $same and $prefer.
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/requirements.h>

namespace lockable {
namespace {

using Paths = std::vector<std::string>;

TEST(RequirementsElements, SameAndPreferAreReadAndKept) {
  const Requirements asked(
      R"([{"type":"dut"},{"$prefer":[{"fast":true},{"id":"b1"}]},{"type":"psu"},{"$same":["bench","rack.row"]},{"$same":["bench"]}])");
  EXPECT_EQ(asked.size(), 2);
  EXPECT_EQ(asked.same(), (Paths{"bench", "rack.row"}));
  ASSERT_EQ(asked.preferences().size(), 2U);
  EXPECT_TRUE(asked.preferences()[0].matches({{"fast", true}}));
  const Requirements again(asked.with_defaults("here").json());
  EXPECT_EQ(again.same(), asked.same());
  EXPECT_EQ(again.preferences()[1].json(), (Json{{"id", "b1"}}));
  EXPECT_EQ(again.queries()[1].json(), (Json{{"type", "psu"}, {"hostname", "here"}, {"online", true}}));
}

TEST(RequirementsElements, SeveralTextsAddUp) {
  const Requirements asked{R"([{"a":1},{"$same":["x"]}])", "b=2", R"([{"c":3},{"$same":["y"]}])"};
  EXPECT_EQ(asked.size(), 3);
  EXPECT_EQ(asked.same(), (Paths{"x", "y"}));
}

TEST(RequirementsElements, MalformedOnesAreRefused) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {R"([{"$same":["bench"]}])", "asks for nothing"},
      {R"([{},{"$same":"bench"}])", "query 2: $same: expected an array"},
      {R"([{},{"$same":[]}])", "$same"},
      {R"([{},{"$same":[1]}])", "$same: expected a key, found 1"},
      {R"([{},{"$same":["a..b"]}])", "$same"},
      {R"([{},{"$same":["$a"]}])", "$same"},
      {R"([{},{"$same":[""]}])", "$same"},
      {R"([{},{"$same":["a"],"b":1}])", "element of its own"},
      {R"([{},{"$prefer":{}}])", "$prefer: expected an array"},
      {R"([{},{"$prefer":[]}])", "$prefer"},
      {R"([{},{"$prefer":[5]}])", "query 2, $prefer, query 1"},
      {R"([{},{"$prefer":[{"a":{"$nope":1}}]}])", "$nope"},
      {R"([{},{"$prefer":[{"$count":2}]}])", "$count"},
      {R"([{},{"$prefer":[{"$same":["a"]}]}])", "$same"},
      {R"({"$same":["a"]})", "$same"},
  };
  for (const auto& one : cases) {
    try {
      const Requirements requirements(one.text);
      ADD_FAILURE() << one.text << " was taken";
    } catch (const InvalidRequirements& error) {
      EXPECT_NE(std::string(error.what()).find(one.said), std::string::npos)
          << one.text << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace lockable
