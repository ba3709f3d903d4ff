// A test program of which ctest_discover_test.cpp makes one CTest test for each case.
#include <lockable/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace {

void say(const std::string& text) { std::cout << "case: " << text << "\n" << std::flush; }

std::string id(const lockable::Json& resource) { return resource["id"].get<std::string>(); }

class Board : public lockable::Test {
  LOCKABLE_TEST("id=b1");
};
TEST_F(Board, One) {
  say("One has " + id(resource()));
  if (std::getenv("CASES_HANG") != nullptr) ::pause();
}
TEST_F(Board, DISABLED_Off) { say("Off has " + id(resource())); }
LOCKABLE_TEST_F(Board, Two, R"([{"id":"b1","$as":"x"},{"id":"b2","$as":"y"}])") {
  say("Two has " + id(resource("x")) + " and " + id(resource("y")));
}

class AnyBoard : public lockable::Test, public ::testing::WithParamInterface<std::string> {
  LOCKABLE_TEST("id=" + GetParam());
};
TEST_P(AnyBoard, Named) { say("Named has " + id(resource())); }
INSTANTIATE_TEST_SUITE_P(All, AnyBoard, ::testing::Values("b1", "b2"));

TEST(NoBoard, Runs) {
  const char* id = std::getenv("LOCKABLE_RESOURCE_ID");
  say(std::string("NoBoard has ") + (id != nullptr ? id : "nothing"));
}

}  // namespace
