// What etcd is told to take resources, and following what it tells of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "stores/etcd/taking.h"

namespace lockable::etcd {
namespace {

std::vector<KeyValue> in_order(const std::map<std::string, KeyValue>& entries, bool tickets,
                               const Names& names) {
  std::vector<KeyValue> result;
  for (const auto& [key, kv] : entries)
    if (names.is_ticket(key) == tickets) result.push_back(kv);
  return result;
}

bool same(const std::vector<KeyValue>& a, const std::vector<KeyValue>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const KeyValue& one, const KeyValue& other) {
    return one.key == other.key && one.value == other.value && one.modified == other.modified;
  });
}

TEST(EtcdFollow, WhatIsToldEndsWhereALookWould) {
  const Names names("lab");
  const std::string keys[] = {names.whole("b1"),     names.in_use("b1"), names.reserved("b1"),
                              names.slots("s", "1"), names.whole("b2"),  names.ticket("1"),
                              names.ticket("2"),     names.ticket("10")};
  const Names within("lab/line1");  // its keys stand between ours
  std::mt19937 random(1);
  std::map<std::string, KeyValue> there;
  Seen seen = seen_in({}, 0, names);
  for (std::int64_t revision = 1; revision < 5000; ++revision) {
    const std::string& key = keys[random() % std::size(keys)];
    const bool removed = random() % 2 == 0;
    if (random() % 4 == 0)
      follow(seen, {within.whole("b1"), "", revision, revision}, random() % 2 == 0, names);
    const KeyValue kv{key, std::to_string(random()), revision, revision};
    if (removed)
      there.erase(key);
    else
      there[key] = kv;
    follow(seen, kv, removed, names);
    ASSERT_TRUE(same(seen.queue, in_order(there, true, names)) &&
                same(seen.held, in_order(there, false, names)))
        << "after " << revision;
    ASSERT_EQ(seen.revision, revision);
  }
}

TEST(EtcdFollow, ANamespaceWithinOursIsNotOurs) {
  const Names names("lab"), within("lab/line1");
  EXPECT_TRUE(names.all_that_ends().first < within.ticket("1") &&
              within.ticket("1") < names.all_that_ends().end);
  const Seen seen = seen_in({{within.whole("b1"), "", 1, 1}, {within.ticket("1"), "", 2, 2}}, 2, names);
  EXPECT_TRUE(seen.held.empty() && seen.queue.empty());
}

class EtcdTaking : public ::testing::Test {
 protected:
  Taking taking() const { return {names_, 7, snapshot_, 2, claims_, Json{{"pid", 1}}}; }
  static bool says(const Parts& parts, const std::string& part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  }
  void hold(const std::string& key, std::int64_t revision) {
    now_.held.push_back({key, "{}", revision, revision});
  }

  Names names_{"lab"};
  Snapshot snapshot_;
  std::vector<Claim> claims_{{"b1", "alloc"}};
  Seen now_;
};

TEST_F(EtcdTaking, AGuessIsRightOnlyWhenNobodyWaits) {
  EXPECT_TRUE(says(taking().conditions(), is_absent(names_.whole_queue())));
  EXPECT_TRUE(taking().may_be_done(now_));
  now_.queue.push_back({names_.ticket("1"), "", 3, 3});
  EXPECT_FALSE(taking().may_be_done(now_));
  snapshot_.revision = 2;
  EXPECT_FALSE(says(taking().conditions(), is_absent(names_.whole_queue())));
  EXPECT_TRUE(taking().may_be_done(now_));
}

TEST_F(EtcdTaking, WhatWasLeftIsNoHoldAndIsTold) {
  hold(names_.in_use("b1"), 3);
  EXPECT_TRUE(taking().may_be_done(now_));
  EXPECT_TRUE(taking().was_left(claims_[0], now_));
  now_.revision = 5;
  EXPECT_TRUE(says(taking().conditions_after(now_), unchanged_since(names_.all_holds("b1"), 5)));
}

TEST_F(EtcdTaking, AHoldAndAReservationStandAgainstIt) {
  hold(names_.reserved("b1"), 3);
  EXPECT_FALSE(taking().may_be_done(now_));
  now_.held.clear();
  hold(names_.whole("b1"), 3);
  EXPECT_FALSE(taking().may_be_done(now_));
  now_.held.clear();
  hold(names_.whole("b10"), 3);
  EXPECT_TRUE(taking().may_be_done(now_));
  EXPECT_FALSE(taking().was_left(claims_[0], now_));
}

TEST_F(EtcdTaking, SlotsStandAgainstEachOtherOnlyWhenTheyAreNews) {
  claims_ = {{"s", "alloc", 1, 4}};
  snapshot_.revision = 3;
  hold(names_.slots("s", "other"), 3);
  EXPECT_TRUE(taking().may_be_done(now_));
  EXPECT_FALSE(taking().was_left(claims_[0], now_));
  hold(names_.slots("s", "another"), 4);
  EXPECT_FALSE(taking().may_be_done(now_));
}

// However much etcd told since: they were counted in what was seen.
TEST_F(EtcdTaking, SlotsAreTakenOnlyAsTheyWereSeen) {
  claims_ = {{"s", "alloc", 1, 4}};
  EXPECT_TRUE(says(taking().conditions(), unchanged_since(names_.all_holds("s"), 0)));
}

TEST_F(EtcdTaking, OneWhoseAnswerWasLostIsFound) {
  EXPECT_EQ(taking().done_at(now_), std::nullopt);
  now_.held.push_back({names_.whole("b1"), R"({"alloc_id":"alloc","pid":1})", 9, 9});
  EXPECT_EQ(taking().done_at(now_), 9);
  now_.held[0].value = R"({"alloc_id":"another","pid":1})";
  EXPECT_EQ(taking().done_at(now_), std::nullopt);
}

TEST_F(EtcdTaking, ItCannotBeCarriedOutTwice) {
  EXPECT_TRUE(says(taking().conditions(), unchanged_since(one(names_.used("b1")), 2)));
  snapshot_.revision = 5;
  EXPECT_TRUE(says(taking().conditions(), unchanged_since(one(names_.used("b1")), 5)));
  now_.revision = 7;
  EXPECT_TRUE(says(taking().conditions_after(now_), unchanged_since(one(names_.used("b1")), 7)));
  snapshot_.mine = "1";
  EXPECT_TRUE(says(taking().conditions(), is_there(names_.ticket("1"))));
  EXPECT_TRUE(says(taking().conditions_after(now_), is_there(names_.ticket("1"))));
}

TEST_F(EtcdTaking, WhatWasLeftStaysSoWhenItIsUndone) {
  const std::string mark = remove(one(names_.in_use("b1")));
  EXPECT_NE(taking().undo().find(mark), std::string::npos);
  hold(names_.in_use("b1"), 3);
  EXPECT_EQ(taking().undo_after(now_).find(mark), std::string::npos);
}

TEST_F(EtcdTaking, ALookoutThatIsServedCallsTheNextOneUp) {
  for (const char* id : {"1", "2", "3", "4"}) {
    Ticket ticket;
    ticket.id = id;
    snapshot_.queue.push_back(ticket);
  }
  snapshot_.revision = 3;
  snapshot_.mine = "2";
  snapshot_.place = 2;
  EXPECT_TRUE(taking().serves_ticket());
  EXPECT_TRUE(says(taking().then(), remove(one(names_.ticket("2")))));
  EXPECT_TRUE(says(taking().then(), touch(names_.ticket("3"))));
  snapshot_.place = 3;
  EXPECT_FALSE(says(taking().then(), touch(names_.ticket("3"))));
}

TEST_F(EtcdTaking, ATicketThatDoesNotFitInLeavesByItself) {
  snapshot_.mine = "1";
  claims_.resize(63);
  EXPECT_FALSE(taking().serves_ticket());
  EXPECT_FALSE(says(taking().then(), remove(one(names_.ticket("1")))));
}

}  // namespace
}  // namespace lockable::etcd
