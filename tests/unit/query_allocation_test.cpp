// Matching allocates nothing: the allocations of this program are counted.
#include <gtest/gtest.h>
#include <lockable/requirements.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

// malloc() and free() stand behind all of them; GCC sees some of the pairs only.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace lockable {
namespace {

const char* const kQueries[] = {
    "type=dut&slot.row=3",
    R"({"a":{"b":{"c":1}},"list":[1,2]})",
    R"({"$or":[{"a":null},{"$nor":[{"n":{"$gt":1,"$lte":5}}]},{"$and":[{"s":{"$ne":"x"}}]}]})",
    R"({"s":{"$in":["a","b","a long text that fits in no small buffer"]},"n":{"$nin":[1,2.5,[1]]}})",
    R"({"list":{"$all":[1,2]},"n":{"$mod":[4,1]},"s":{"$type":["string","null"]},"x":{"$exists":false}})",
    R"({"objects":{"$elemMatch":{"port":{"$gte":2},"kind":"usb"}},"list":{"$size":3}})",
    R"({"a":{"$eq":{"b":{"c":1},"d":2}},"list":{"$gt":[0]}})",
    R"({"objects.0.port":1,"objects.kind":"a long text that fits in no small buffer"})",
    R"({"s":{"$regex":"^a long (text|word)+ .*buffer$","$options":"i"},"$slots":1})",
    R"({"s":{"$not":{"$regex":"(.)\\1\\1"}}})",
};

TEST(QueryAllocation, MatchingAllocatesNothing) {
  const Json resource =
      Json::parse(R"({"a":{"b":{"c":1},"d":2},"list":[1,2,3],"n":5,"type":"dut","slot":{"row":3},
    "s":"a long text that fits in no small buffer","objects":[{"port":1,"kind":"usb"},{"port":2,"kind":"usb"}]})");
  std::vector<Query> queries;
  for (const char* text : kQueries) queries.push_back(Query::parse(text));
  int matched = 0;
  for (const Query& query : queries)
    matched += query.matches(resource) ? 1 : 0;  // a thread's first $regex may
  const std::size_t before = allocations;
  for (int round = 0; round < 10; ++round)
    for (const Query& query : queries) matched += query.matches(resource) ? 1 : 0;
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(matched, 40);
  EXPECT_GT(before, 100U) << "allocations are not counted";
}

}  // namespace
}  // namespace lockable
