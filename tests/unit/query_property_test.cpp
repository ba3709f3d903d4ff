// The matcher against a plain statement of what queries mean, on a million random pairs.
#include <gtest/gtest.h>
#include <lockable/requirements.h>

#include <vector>

#include "plain_query.h"
#include "random_query.h"

namespace lockable::testing {
namespace {

TEST(QueryProperty, AMillionRandomPairsAgreeWithThePlainStatement) {
  constexpr int kQueries = 50'000;
  constexpr int kResources = 20;  // each
  RandomQuery random(20260101);
  std::vector<Json> resources(500);
  for (Json& resource : resources) resource = random.resource();
  int matched = 0;
  for (int i = 0; i < kQueries; ++i) {
    const Json stated = random.query();
    const Query query = Query::from_json(stated);
    for (int k = 0; k < kResources; ++k) {
      const Json& resource = resources[static_cast<std::size_t>(i * 7 + k) % resources.size()];
      const bool expected = plainly_matches(stated, resource);
      ASSERT_EQ(query.matches(resource), expected) << stated << "\non " << resource << "\nquery " << i;
      matched += expected ? 1 : 0;
    }
  }
  constexpr int kPairs = kQueries * kResources;
  EXPECT_GT(matched, kPairs / 10) << "the pairs have too little to do with each other";
  EXPECT_LT(matched, kPairs * 9 / 10);
}

}  // namespace
}  // namespace lockable::testing
