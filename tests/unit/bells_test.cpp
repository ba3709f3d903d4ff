// What wakes those who wait: used again and again, and by one at a time.
#include "stores/file/bells.h"

#include <sys/stat.h>

#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;

class BellsTest : public StoreFolder {
 protected:
  std::string id(const std::unique_ptr<Place>& place) const { return place->ticket().id; }
  std::size_t bells() const { return names_in(bells_folder()); }
};

TEST_F(BellsTest, ALinkIsNotWrittenTo) {
  const std::string precious = folder_.write("precious", "precious");
  fs::create_hard_link(precious, bells_folder() + "/7");
  store_->wake({"00000000000000000001-00000000000000000001-5-1-0123456789abcdef-7"});
  EXPECT_EQ(testing::read_text(precious), "precious");
}

// Made once: after that they serve one ticket after the other.
TEST_F(BellsTest, ThereAreAsManyAsEverWaitedAtOnce) {
  const auto other = another();
  for (int i = 0; i < 3; ++i) {
    const auto first = store_->enqueue(ticket({"a"}));
    const auto second = other->enqueue(ticket({"a"}));
    EXPECT_EQ(bells(), 2U);
    another()->wake({id(second)});
    EXPECT_TRUE(rung(*second));
    EXPECT_FALSE(rung(*first));
  }
}

TEST_F(BellsTest, OneRungForWhoHadItBeforeIsSilent) {
  std::string gone;
  {
    const auto place = store_->enqueue(ticket({"a"}));
    gone = id(place);
    another()->wake({gone});
  }
  const auto next = store_->enqueue(ticket({"a"}));
  EXPECT_EQ(bells(), 1U);
  EXPECT_FALSE(rung(*next));
  another()->wake({gone});  // too late: its bell is another's now, who looks in vain
  EXPECT_TRUE(rung(*next));
}

TEST_F(BellsTest, OneOfTheDeadIsTakenOver) {
  EXPECT_TRUE(in_child([&] {
    auto place = store_->enqueue(ticket({"a"}));
    return place.release() != nullptr;
  }));
  EXPECT_TRUE(another()->queue().empty());
  const auto place = store_->enqueue(ticket({"a"}));
  EXPECT_EQ(bells(), 1U);
}

// Temporary folders are swept of what nobody touched for days.
TEST_F(BellsTest, OneInUseIsNotOld) {
  { const auto place = store_->enqueue(ticket({"a"})); }
  const std::string bell = bells_folder() + "/0";
  fs::last_write_time(bell, fs::file_time_type::clock::now() - std::chrono::hours(24 * 30));
  const auto place = store_->enqueue(ticket({"a"}));
  EXPECT_LT(fs::file_time_type::clock::now() - fs::last_write_time(bell), std::chrono::hours(1));
}

TEST_F(BellsTest, AreMadeUnderAMaskThatTakesWritingFromTheirOwner) {
  const mode_t before = ::umask(0222);
  const auto place = store_->enqueue(ticket({"a"}));
  ::umask(before);
  EXPECT_EQ(bells(), 1U);
  EXPECT_NE(fs::status(bells_folder() + "/0").permissions() & fs::perms::owner_write, fs::perms::none);
}

TEST_F(BellsTest, OneThatWasRemovedInUseIsMissed) {
  const auto place = store_->enqueue(ticket({"a"}));
  fs::remove(bells_folder() + "/0");
  EXPECT_TRUE(place->wait(BootClock::now(), -1));
  another()->wake({id(place)});
  EXPECT_TRUE(rung(*place));
}

TEST_F(BellsTest, WhatIsNoBellIsLeftAlone) {
  folder_.write("locks/.lockable/bells/0", "precious");
  fs::create_directory(bells_folder() + "/1");
  fs::create_symlink(folder_ / "target", bells_folder() + "/2");
  const auto place = store_->enqueue(ticket({"a"}));
  another()->wake({id(place)});
  EXPECT_TRUE(rung(*place));
  EXPECT_EQ(testing::read_text(bells_folder() + "/0"), "precious");
  EXPECT_FALSE(fs::exists(folder_ / "target"));
}

}  // namespace
}  // namespace lockable::file_store
