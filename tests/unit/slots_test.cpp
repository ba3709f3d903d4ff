// A resource that several share, slot by slot, on a real folder.
#include <fcntl.h>
#include <lockable/error.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>

#include "platform/time_text.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;

class SlotsTest : public StoreFolder {
 protected:
  Leases share(LockStore& store, int slots, const std::string& alloc_id = "alloc") const {
    return store.commit({}, {{"b", alloc_id, slots, 4}}, {{"pid", ::getpid()}, {"user", "ann"}});
  }
  Leases share(int slots, const std::string& alloc_id = "alloc") const {
    return share(*store_, slots, alloc_id);
  }
  bool dies_with(int slots) const {
    return in_child([&] {
      Leases leases = share(*another(), slots);
      return leases.size() == 1 && leases[0].release() != nullptr;  // never given back
    });
  }
  bool py_lockable_gets_it() const {
    const int fd = ::open(pid_file("b").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    const bool got = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    ::close(fd);
    return got;
  }
};

TEST_F(SlotsTest, AreSharedUpToTheCapacity) {
  const Leases two = share(2, "first");
  Leases one = share(*another(), 1, "second");
  EXPECT_EQ(two.size(), 1U);
  EXPECT_EQ(one.size(), 1U);
  EXPECT_TRUE(share(2).empty());
  EXPECT_EQ(share(1).size(), 1U);
  const Snapshot seen = another()->snapshot(ticket({"b"}));
  ASSERT_EQ(seen.held.size(), 1U);
  EXPECT_EQ(seen.held[0].slots, 3);
  const std::vector<Hold> holds = another()->holders("b");
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].alloc_id, "first");
  EXPECT_EQ(holds[0].slots, 2);
  EXPECT_EQ(holds[1].alloc_id, "second");
  EXPECT_EQ(holds[1].slots, 1);
  EXPECT_EQ(holds[1].owner.at("user"), "ann");
}

TEST_F(SlotsTest, AWholeResourceIsNotHadWhileOneIsTaken) {
  Leases one = share(1);
  EXPECT_TRUE(take({"b"}).empty());
  EXPECT_FALSE(py_lockable_gets_it());
  one.clear();
  EXPECT_FALSE(fs::exists(pid_file("b")));
  const Leases whole = take({"b"});
  EXPECT_EQ(whole.size(), 1U);
  EXPECT_TRUE(share(1).empty());
}

TEST_F(SlotsTest, TheLastOneGivesTheResourceBack) {
  Leases first = share(1), second = share(*another(), 1);
  first.clear();
  EXPECT_TRUE(fs::exists(pid_file("b")));
  EXPECT_FALSE(py_lockable_gets_it());
  EXPECT_EQ(share(3).size(), 1U);
  second.clear();
  EXPECT_FALSE(fs::exists(pid_file("b")));
}

// Both orders: with its pid in the first line, and without.
TEST_F(SlotsTest, WhoeverDiesIsNamedToTheNextAndHoldsNothing) {
  for (const bool first : {true, false}) {
    Leases mine;
    if (!first) mine = share(1);
    EXPECT_TRUE(in_child([&] {
      auto store = another();
      Leases theirs = share(*store, 2);
      return theirs.size() == 1 && theirs[0].release() != nullptr;  // exits without giving it back
    }));
    if (first) mine = share(1);
    EXPECT_EQ(another()->snapshot(ticket({"b"})).held.at(0).slots, 1);
    const Leases next = share(3);
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(first ? mine[0]->previous_owner_died() : next[0]->previous_owner_died(), true);
  }
  EXPECT_FALSE(fs::exists(pid_file("b")));
}

// Whoever looks at a file has its lock for a moment.
TEST_F(SlotsTest, OneGivenBackWhileSomebodyLooksWasGivenBack) {
  Leases one = share(1);
  const int looker = ::open(pid_file("b").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(looker, LOCK_SH | LOCK_NB), 0);
  one.clear();
  ::close(looker);
  EXPECT_FALSE(held("b"));
  EXPECT_FALSE(share(1).at(0)->previous_owner_died());
  EXPECT_FALSE(take({"b"}).at(0)->previous_owner_died());
}

TEST_F(SlotsTest, ADeathIsToldAlsoWhenAnotherOneGaveHisBackSince) {
  for (const bool whole : {false, true}) {
    Leases other = share(*another(), 1);
    ASSERT_TRUE(dies_with(2));
    other.clear();
    EXPECT_FALSE(held("b"));
    const Leases next = whole ? take({"b"}) : share(1);
    EXPECT_TRUE(next.at(0)->previous_owner_died());
    EXPECT_EQ(another()->holders("b").size(), 1U) << "the dead one is forgotten";
  }
  EXPECT_FALSE(share(1).at(0)->previous_owner_died());
}

TEST_F(SlotsTest, WhoGivesOneBackUnusedLeavesTheNewsOfADeath) {
  ASSERT_TRUE(dies_with(1));
  for (int i = 0; i < 2; ++i) {
    const Leases unused = share(1);
    EXPECT_TRUE(unused.at(0)->previous_owner_died());
    unused.at(0)->give_back_unused();
    EXPECT_FALSE(held("b"));
  }
  const Leases whole = take({"b"});
  EXPECT_TRUE(whole.at(0)->previous_owner_died());
  whole.at(0)->give_back_unused();
  EXPECT_TRUE(share(1).at(0)->previous_owner_died());
  EXPECT_FALSE(share(1).at(0)->previous_owner_died());
}

TEST_F(SlotsTest, TokensGrow) {
  Leases one = share(1);
  const std::uint64_t before = one[0]->fencing_token();
  one.clear();
  EXPECT_GT(share(1)[0]->fencing_token(), before);
}

class ReservationTest : public StoreFolder {
 protected:
  void reserve(const Json& more = Json::object()) const {
    Leases leases = take({"b"});
    Json record{{"user", "ann"}, {"note", "repair"}};
    record.update(more);
    leases.at(0)->leave_reserved(record);
  }
  static std::string in(std::chrono::seconds time) {
    return platform::iso8601(Clock::system()->wall() + time);
  }
};

TEST_F(ReservationTest, OutlivesItsLeaseUntilItIsEnded) {
  reserve();
  EXPECT_TRUE(take({"b"}).empty());
  const std::vector<Hold> holds = another()->holders("b");
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].owner.at("reserved"), true);
  EXPECT_EQ(holds[0].owner.at("note"), "repair");
  EXPECT_EQ(holds[0].alloc_id, "");
  std::string first;
  std::getline(std::ifstream(pid_file("b")) >> std::ws, first);
  EXPECT_EQ(first, "1") << "py-lockable finds pid 1 alive";
  EXPECT_TRUE(another()->end_reservation("b"));
  EXPECT_FALSE(another()->end_reservation("b"));
  const Leases next = take({"b"});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_FALSE(next[0]->previous_owner_died());
}

TEST_F(ReservationTest, EndsWhenItsTimeHasCome) {
  reserve({{"until", in(std::chrono::hours(1))}});
  EXPECT_TRUE(held("b"));
  ASSERT_TRUE(store_->end_reservation("b"));
  reserve({{"until", in(-std::chrono::seconds(1))}});
  EXPECT_FALSE(held("b"));
  const Leases next = take({"b"});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_FALSE(next[0]->previous_owner_died());
}

// py-lockable sees pid 1 alive until the file is gone.
TEST_F(ReservationTest, WhatIsOverIsClearedByWhoeverLooks) {
  reserve({{"until", in(std::chrono::hours(1))}});
  another()->snapshot(ticket({"b"}));
  EXPECT_TRUE(fs::exists(pid_file("b")));
  ASSERT_TRUE(store_->end_reservation("b"));
  reserve({{"until", in(-std::chrono::seconds(1))}});
  EXPECT_TRUE(fs::exists(pid_file("b")));
  another()->snapshot(ticket({"b"}));
  EXPECT_FALSE(fs::exists(pid_file("b")));
}

TEST_F(ReservationTest, AnUnreadableTimeIsForEver) {
  reserve({{"until", "tomorrow"}});
  EXPECT_TRUE(held("b"));
}

TEST_F(ReservationTest, OfWhatIsNotOursAnyMoreIsRefused) {
  Leases leases = take({"b"});
  fs::remove(pid_file("b"));
  EXPECT_THROW(leases.at(0)->leave_reserved({{"user", "ann"}}), StoreError);
  EXPECT_FALSE(held("b"));
}

TEST_F(ReservationTest, OnlyReservationsAreEnded) {
  EXPECT_FALSE(store_->end_reservation("b"));
  const Leases leases = take({"b"});
  EXPECT_FALSE(another()->end_reservation("b"));
  EXPECT_TRUE(held("b"));
}

}  // namespace
}  // namespace lockable::file_store
