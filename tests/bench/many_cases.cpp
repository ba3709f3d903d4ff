// 2 000 cases with hardware, for those who measure how long it takes to find them (ctest_run.py).
#include <lockable/gtest.h>

namespace {

class Many : public lockable::Test, public ::testing::WithParamInterface<int> {
  LOCKABLE_TEST("type=" + std::string(GetParam() % 2 == 0 ? "a" : "b"));
};
TEST_P(Many, Runs) {}
INSTANTIATE_TEST_SUITE_P(All, Many, ::testing::Range(0, 2000));

}  // namespace
