// Stand-ins for <lockable/gtest.h> that lock nothing: every test takes the first board that matches, whoever
// uses it. Only for `examples/run --without-locks`, which shows what happens then.
#pragma once

#include <gtest/gtest.h>
#include <lockable/requirements.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace lockable {

class Test : public ::testing::Test {
 public:
  static Json& resource() { return taken().at(0).board; }
  static Json& resource(const std::string& role) {
    for (Taken& each : taken())
      if (each.role == role) return each.board;
    throw std::runtime_error("no role " + role);
  }

  static void take(const Requirements& requirements) {
    const char* path = std::getenv("LOCKABLE_RESOURCES");
    std::ifstream file(path ? path : "resources.json");
    std::vector<Json> left = Json::parse(file);
    taken().clear();
    for (const auto& part : requirements.parts()) {
      auto board = left.begin();
      while (board != left.end() && !part.query.matches(*board)) ++board;
      if (board == left.end()) throw std::runtime_error("no board matches " + part.query.json().dump());
      taken().push_back({part.role, *board});
      left.erase(board);
    }
  }

 private:
  struct Taken {
    std::string role;
    Json board;
  };
  static std::vector<Taken>& taken() {
    static std::vector<Taken> of_this_test;
    return of_this_test;
  }
};

}  // namespace lockable

// As there: `new` comes before the fixture's first constructor.
#define UNLOCKED_TAKE_(...)                                        \
 public:                                                           \
  static void* operator new(std::size_t size) {                    \
    ::lockable::Test::take(::lockable::Requirements(__VA_ARGS__)); \
    return ::operator new(size);                                   \
  }                                                                \
  static void operator delete(void* memory) { ::operator delete(memory); }

#define LOCKABLE_TEST(...)    \
  UNLOCKED_TAKE_(__VA_ARGS__) \
 protected:                   \
  static_assert(true, "takes the semicolon")

#define LOCKABLE_TEST_F(test_fixture, test_name, ...)                         \
  struct test_fixture##_##test_name##_unlocked : public test_fixture {        \
    UNLOCKED_TAKE_(__VA_ARGS__)                                               \
  };                                                                          \
  GTEST_TEST_(test_fixture, test_name, test_fixture##_##test_name##_unlocked, \
              ::testing::internal::GetTypeId<test_fixture>())
