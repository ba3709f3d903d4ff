// Fixtures: held before the first constructor, released after the last destructor.
#include <lockable/gtest.h>

#include <string>

#include "gtest/levels.h"
#include "gtest/outcome.h"
#include "gtest/registry.h"

namespace lockable {
namespace gtest_internal {
namespace {

void* allocate(std::size_t size, std::size_t alignment) {
  return alignment == 0 ? ::operator new(size) : ::operator new(size, std::align_val_t(alignment));
}

void free_memory(void* memory, std::size_t alignment) noexcept {
  if (alignment == 0)
    ::operator delete(memory);
  else
    ::operator delete(memory, std::align_val_t(alignment));
}

}  // namespace

void* new_test(std::size_t size, std::size_t alignment, const Demand& demand) noexcept try {
  if (note_demand(demand)) return nullptr;
  if (demand.level == Level::kSuite ? !hold_suite(demand) : !hold_for(Levels::kTest, demand)) return nullptr;
  record_properties();
  return allocate(size, alignment);
} catch (const std::exception&) {
  return nullptr;  // --gtest_throw_on_failure: the failure is on record
}

void delete_test(void* memory, std::size_t alignment) noexcept {
  free_memory(memory, alignment);
  report_lost();
  note_outcome_of_test();
  Levels::instance().release(Levels::kTest);
}

}  // namespace gtest_internal

using gtest_internal::Levels;

Json& Test::resource() { return allocation().resource_info(); }
Json& Test::resource(const std::string& role) { return allocation(role).resource_info(); }
Allocation& Test::allocation() { return Levels::instance().find(Levels::kTest, std::nullopt); }
Allocation& Test::allocation(const std::string& role) { return Levels::instance().find(Levels::kTest, role); }

}  // namespace lockable
