// The main() of lockable::gtest_main: GoogleTest's, less our flags.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "gtest/flags.h"

int main(int argc, char** argv) {
  using lockable::gtest_internal::flags;
  if (!flags().problem.empty()) {
    fmt::print(stderr, "{}\n", flags().problem);
    return 64;
  }
  ::testing::InitGoogleTest(&argc, argv);
  int kept = 1;
  for (int i = 1; i < argc; ++i)
    if (!lockable::gtest_internal::is_lockable_flag(argv[i])) argv[kept++] = argv[i];
  argv[kept] = nullptr;
  return RUN_ALL_TESTS();
}
