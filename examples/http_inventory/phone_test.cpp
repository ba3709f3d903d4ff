#include <lockable/gtest.h>

#include <iostream>

class Phone : public lockable::Test {
  LOCKABLE_TEST(R"({"type": "phone", "android": {"$gte": 14}})");
};

TEST_F(Phone, Rings) { std::cout << "calling " << resource()["number"] << "\n"; }

LOCKABLE_TEST_F(Phone, CallsAnother,
                R"([{"type": "phone", "$as": "caller"}, {"type": "phone", "$as": "called"}])") {
  EXPECT_NE(resource("caller")["number"], resource("called")["number"]);
  std::cout << resource("caller")["number"] << " calls " << resource("called")["number"] << "\n";
}
