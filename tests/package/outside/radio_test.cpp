#include <lockable/gtest.h>

class Radio : public lockable::Test {
  LOCKABLE_TEST("type=nrf52");
};

TEST_F(Radio, HasASerial) { EXPECT_EQ(resource()["serial"], "0042"); }
