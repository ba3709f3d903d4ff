// A GoogleTest program that knows nothing of lockable; ctest_discover_test.cpp runs it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

TEST(Plain, Runs) {
  const char* id = std::getenv("LOCKABLE_RESOURCE_ID");
  std::cout << "plain has " << (id != nullptr ? id : "nothing") << "\n";
}
