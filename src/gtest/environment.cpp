// What the whole program holds.
#include <lockable/gtest.h>

#include "gtest/flags.h"
#include "gtest/levels.h"
#include "gtest/outcome.h"

namespace lockable {

using gtest_internal::Levels;

Environment::Environment() = default;
Environment::Environment(Requirements requirements) : requirements_(std::move(requirements)) {}

void Environment::SetUp() {
  // What the flag says was asked for before (hook.cpp), and in the child of a death test by its parent.
  if (gtest_internal::flags().requirements || gtest_internal::flags().death_test_child) return;
  if (Levels::instance().holds(Levels::kProgram))
    FAIL() << "lockable: there is another lockable::Environment: state all that the program needs in one";
  gtest_internal::hold_for(Levels::kProgram, requirements_.value_or(Requirements("")), __FILE__, __LINE__);
}

void Environment::TearDown() { gtest_internal::end_program(); }

Json& Environment::resource() {
  return Levels::instance().find(Levels::kProgram, std::nullopt).resource_info();
}
Json& Environment::resource(const std::string& role) {
  return Levels::instance().find(Levels::kProgram, role).resource_info();
}

}  // namespace lockable
