// What an inventory may be, and what is said about one that is not.
#include <gtest/gtest.h>
#include <lockable/error.h>
#include <lockable/provider.h>

namespace lockable {
namespace {

std::string problem(const std::string& text) {
  try {
    Inventory::parse(text, "lab.json");
  } catch (const InvalidInventory& error) {
    return error.what();
  }
  return "none";
}

TEST(Inventory, KeepsOrderAndFindsById) {
  const auto inventory = Inventory::parse(R"([{"id": "b", "x": 1}, {"id": 7}, {"id": -3}])", "lab.json");
  ASSERT_EQ(inventory->resources().size(), 3U);
  EXPECT_EQ(inventory->resources()[1].id, "7");
  EXPECT_EQ(inventory->find("b")->info.at("x"), 1);
  EXPECT_EQ(inventory->find("-3")->info.at("id"), -3);
  EXPECT_EQ(inventory->find("c"), nullptr);
  EXPECT_EQ(inventory->source(), "lab.json");
}

TEST(Inventory, AnEmptyArrayAndAByteOrderMarkAreFine) {
  EXPECT_TRUE(Inventory::parse("[]", "lab.json")->resources().empty());
  EXPECT_EQ(Inventory::parse("\xEF\xBB\xBF[{\"id\": 1}]", "lab.json")->resources().size(), 1U);
}

TEST(Inventory, NamesWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"", "is empty: expected a JSON array of objects"},
      {" \r\n\t", "is empty: expected a JSON array of objects"},
      {"\xEF\xBB\xBF", "line 1, column"},
      {"[{\"id\": \"a\"},\n {\"id\": }]", "line 2, column 9"},
      {"[{\"id\": \"a\"}", "line 1, column 13"},
      {"[{\"id\": \"a\"}] x", "line 1, column 15"},
      {"[{\"id\": \"a\xff\"}]", "line 1, column 11"},
      {"[{\"id\": \"a\nb\"}]", "line 2, column 0"},
      {"[{\"id\": \"a\"},\n{\"id\": 1e999}]", "line 2, column 8: a number is too large"},
      {"{\"id\": \"a\"}", "expected a JSON array of objects, found {\"id\":\"a\"}"},
      {"null", "expected a JSON array of objects, found null"},
      {"[{\"id\": \"a\"}, 5]", "element 1 is no object but 5"},
      {"[[]]", "element 0 is no object but []"},
      {"[{\"id\": \"a\"}, {\"ID\": \"b\"}]",
       "element 1 has no \"id\": expected a non-empty string or an integer"},
      {"[{\"id\": \"\"}]", "element 0 has an empty id"},
      {"[{\"id\": null}]", "element 0 has the id null: expected"},
      {"[{\"id\": true}]", "element 0 has the id true: expected"},
      {"[{\"id\": 1.5}]", "element 0 has the id 1.5: expected"},
      {"[{\"id\": 1.0}]", "element 0 has the id 1.0: expected"},
      {"[{\"id\": 18446744073709551616}]", "element 0 has the id 1.8446744073709552e+19: expected"},
      {"[{\"id\": [\"a\"]}]", "element 0 has the id [\"a\"]: expected"},
      {"[{\"id\": 1}, {\"id\": 2}, {\"id\": \"1\"}]", "elements 0 and 2 have the same id \"1\""},
  };
  for (const auto& one : cases) {
    const std::string said = problem(one.text);
    EXPECT_EQ(said.rfind("inventory lab.json: ", 0), 0U) << said;
    EXPECT_NE(said.find(one.said), said.npos) << one.text << "\n" << said;
  }
}

TEST(Inventory, AnyTextIsAnId) {
  const Json ids = {
      "../evil", "/etc/passwd", std::string(300, 'x'), "two\nlines", std::string("a\0b", 3), "grün 板", ".",
      "..",      " ",           "18446744073709551615"};
  Json array = Json::array();
  for (const Json& id : ids) array.push_back({{"id", id}});
  const auto inventory = Inventory::parse(array.dump(), "lab.json");
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(inventory->resources()[i].id, ids[i]);
}

// Only a list made by a program can hold one: the text of a file must be UTF-8. In a ticket it would become
// another id.
TEST(Inventory, AnIdThatIsNoUtf8IsRefused) {
  try {
    Inventory::from_json({{{"id", "a\xff"}}}, "given as a list");
    FAIL() << "taken";
  } catch (const InvalidInventory& error) {
    EXPECT_STREQ(error.what(),
                 "inventory given as a list: element 0 has an id that is not valid UTF-8: \"a\uFFFD\"");
  }
}

TEST(Inventory, DeepNestingIsRefusedHoweverItComes) {
  const std::string deep(100'000, '[');
  EXPECT_NE(problem(deep).find("line 1, column 513: nested deeper than 512 levels"), std::string::npos);
  EXPECT_NE(problem("[{\"id\": \"" + deep + "\", \"x\": " + deep).find("nested deeper"), std::string::npos);
  EXPECT_EQ(problem("[{\"id\": \"" + deep + "\"}]"), "none");
  Json nested = Json::array();
  for (int i = 0; i < 600; ++i) nested = Json::array({std::move(nested)});
  EXPECT_THROW(Inventory::from_json(Json::array({{{"id", "a"}, {"x", nested}}}), "list"), InvalidInventory);
}

TEST(Inventory, AHugeValueIsFine) {
  const std::string huge(5'000'000, 'x');
  const auto inventory = Inventory::parse(R"([{"id": "a", "blob": ")" + huge + "\"}]", "lab.json");
  EXPECT_EQ(inventory->find("a")->info.at("blob"), huge);
  EXPECT_LT(problem("[\"" + huge + "\"]").size(), 200U);
}

}  // namespace
}  // namespace lockable
