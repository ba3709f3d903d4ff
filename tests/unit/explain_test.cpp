// What a person reads when nothing matches: ten lines or fewer that name the mistake.
#include <gtest/gtest.h>
#include <lockable/provider.h>

#include <algorithm>

#include "allocation/diagnosis.h"

namespace lockable {
namespace {

std::shared_ptr<const Inventory> fifty_boards() {
  const char* const types[] = {"nrf52", "nrf53", "esp32"};
  Json boards = Json::array();
  for (int i = 0; i < 50; ++i)
    boards.push_back({{"id", "b" + std::to_string(i)},
                      {"type", types[i % 3]},
                      {"hostname", i < 40 ? "lab-1" : "lab-2"},
                      {"online", i % 7 != 0},
                      {"ram", 16 << (2 * (i % 3))},
                      {"bench", i / 5},
                      {"api_token", "s3cret"},
                      {"slot", {{"row", i / 10}}}});
  return Inventory::from_json(boards, "boards.json");
}

std::string explained(const std::string& requirements) {
  return diagnose(requirements, *fifty_boards(), "lab-1", {"*token*"}).text;
}

TEST(Explain, NamesTheMistakeInTenLinesOrFewer) {
  const struct {
    const char* requirements;
    std::vector<const char*> said;
  } cases[] = {
      {"type=nrf51", {"50 of 50 fail {\"type\":\"nrf51\"}; they have \"nrf52\" (17)", "is \"nrf52\" meant?"}},
      {"type=NRF53", {"\"type\" = \"NRF53\": is \"nrf53\" meant?"}},
      {"tpye=nrf52", {"no resource has the key \"tpye\": is \"type\" meant?", "it has no \"tpye\""}},
      {R"({"slot.rwo":1})", {"is \"slot.row\" meant?"}},
      {R"({"slot":{"rwo":1}})", {"\"slot\" is {\"row\":0}"}},
      {R"({"ram":"64"})", {"\"ram\" = \"64\": is the number 64 meant, not the string?"}},
      {R"({"type":{"$in":["esp23"]}})", {"\"esp23\": is \"esp32\" meant?"}},
      {R"({"ram":{"$gte":512}})", {"fail {\"ram\":{\"$gte\":512}}; they have 16 (17)", "but \"ram\" is 16"}},
      {R"({"$or":[{"ram":1},{"ram":2}]})", {"50 of 50 fail {\"$or\"", "$or does not hold"}},
      {R"({"$and":[{"ram":16},{"type":"esp32"}]})", {"34 of 50 fail {\"type\":\"esp32\"}"}},
      {"id=b7", {"nearest: \"b7\", but \"online\" is false", "state \"online\": null"}},
      {"id=b45", {"nearest: \"b45\", but \"hostname\" is \"lab-2\"", "state \"hostname\": null"}},
      {"hostname=lab-3", {"\"lab-3\": is \"lab-1\" meant?"}},
      {"online=yes", {"\"online\""}},
      {"type=nrf52&ram=64", {"nearest: \"b1\", but \"type\" is \"nrf53\""}},
      {R"({"$slots":2})", {"{\"slots\":{\"$gte\":2}}", "no resource has the key \"slots\""}},
      {R"([{"type":"nrf52","$count":3},{"$same":["bench"]}])", {"with the same bench", "with [1]: 2 match"}},
      {R"({"$count":40})", {"too few different resources", "34 match"}},
      {R"({"api_token":"s3cres"})", {"\"api_token\" is \"***\""}},
  };
  for (const auto& one : cases) {
    const std::string text = explained(one.requirements);
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 10) << text;
    EXPECT_EQ(text.find("s3cre"), std::string::npos) << text;
    for (const char* part : one.said)
      EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

TEST(Explain, SaysNothingWhereARequestGetsSomething) {
  const Diagnosis diagnosis = diagnose("type=nrf52", *fifty_boards(), "lab-1", {});
  EXPECT_EQ(diagnosis.text, "");
  EXPECT_EQ(diagnosis.best, std::vector<std::string>{"b3"});
  EXPECT_EQ(diagnosis.matches.at(0).size(), 12U);
}

TEST(Explain, DoubtsAreToldOncePerKind) {
  const auto inventory = Inventory::from_json(
      Json::parse(
          R"([{"id":"a","Hostname":"x","online":"yes"},{"id":"b","hostname":1,"online":true,"slots":0},
                      {"id":"c"},{"id":"d"},{"id":"e","hostname":"x","online":false}])"),
      "i");
  EXPECT_EQ(
      doubts(*inventory),
      (std::vector<std::string>{
          R"(resource "a": is the key "Hostname" meant to be "hostname"?)",
          R"(resource "a": "online" is "yes", expected true or false: no request gets it unless that says the same)",
          R"(resource "b": "hostname" is 1, expected a string: no request gets it unless that says the same)",
          R"(resource "b": "slots" is 0, expected a whole number, 1 or more)",
          R"(resources "c", "d": no "hostname": no request gets it unless that sets "hostname")",
          R"(resources "c", "d": no "online": no request gets it unless that sets "online")"}));
}

}  // namespace
}  // namespace lockable
