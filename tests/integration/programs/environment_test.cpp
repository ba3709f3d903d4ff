// A program that holds resources as a whole, stated in its code; each argument that is no flag states them
// once more.
#include <lockable/gtest.h>

#include <iostream>

TEST(Whole, HasIt) { std::cout << "ran with " << lockable::Environment::resource()["id"] << "\n"; }

// Would wait for a board that the program was refused.
class Suite : public lockable::SuiteTest {
  LOCKABLE_TEST("id=b1");
};
TEST_F(Suite, HasIt) { std::cout << "ran too\n"; }

int main(int argc, char** argv) {
  ::testing::AddGlobalTestEnvironment(new lockable::Environment);
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i)
    if (argv[i][0] != '-') ::testing::AddGlobalTestEnvironment(new lockable::Environment(argv[i]));
  return RUN_ALL_TESTS();
}
