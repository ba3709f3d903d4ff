// A program with a main of its own, which knows nothing of lockable but is linked with it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

TEST(Foreign, Looks) {
  const char* folder = std::getenv("LOCKABLE_LOCK_FOLDER");
  ASSERT_NE(folder, nullptr);
  const std::string path = std::string(folder) + "/b2.pid";
  if (std::ifstream(path)) std::cout << "b2.pid is there\n";
}

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) return 2;  // refuses unknown flags
  return RUN_ALL_TESTS();
}
