// What the whole program holds.
#include <lockable/gtest.h>

#include "gtest/flags.h"
#include "gtest/levels.h"
#include "gtest/outcome.h"

namespace lockable {

using gtest_internal::Levels;

Environment::Environment() : Environment(gtest_internal::flags().requirements.value_or("")) {}
Environment::Environment(Requirements requirements) : requirements_(std::move(requirements)) {}

void Environment::SetUp() {
  if (!Levels::instance().holds(Levels::kProgram))
    gtest_internal::hold_for(Levels::kProgram, requirements_, __FILE__, __LINE__);
}

void Environment::TearDown() { Levels::instance().release(Levels::kProgram); }

Json& Environment::resource() {
  return Levels::instance().find(Levels::kProgram, std::nullopt).resource_info();
}
Json& Environment::resource(const std::string& role) {
  return Levels::instance().find(Levels::kProgram, role).resource_info();
}

}  // namespace lockable
