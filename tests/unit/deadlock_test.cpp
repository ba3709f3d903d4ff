// Circles of requests that wait for each other.
#include "planner/deadlock.h"

#include <gtest/gtest.h>

#include "unit/planner_words.h"

namespace lockable::planner {
namespace {

Ticket holder(const std::string& id, const std::vector<std::string>& holding, Wants wants) {
  Ticket result = ticket(id, std::move(wants));
  result.holding = holding;
  return result;
}

// The ids of the tickets, each followed by what it waits for.
std::vector<std::string> circle(const std::vector<Ticket>& queue, const std::vector<Hold>& holds,
                                const std::string& id) {
  std::vector<std::string> result;
  const std::vector<Link> links = find_circle(queue, holds, id);
  if (!links.empty() && closer_of(links) != id) return {"closed by", closer_of(links)};
  for (const Link& link : links) {
    result.push_back(link.ticket->id);
    result.push_back(link.hold->resource_id);
  }
  return result;
}

using Circle = std::vector<std::string>;

const Hold kA{"a", "A", 0, {}}, kB{"b", "B", 0, {}}, kC{"c", "C", 0, {}};

TEST(Deadlock, TwoThatWaitForEachOther) {
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b"}}}), holder("2", {"B"}, {Want{{"a"}}})};
  EXPECT_EQ(circle(queue, {kA, kB}, "2"), (Circle{"2", "a", "1", "b"}));
  EXPECT_EQ(circle(queue, {kA, kB}, "1"), (Circle{"closed by", "2"})) << "only the one that came last fails";
}

TEST(Deadlock, OneThatWaitsForItself) {
  EXPECT_EQ(circle({holder("1", {"A"}, {Want{{"a"}}})}, {kA}, "1"), (Circle{"1", "a"}));
  EXPECT_EQ(circle({holder("1", {"A"}, {Want{{"a"}}, Want{{"b"}}})}, {kA}, "1"), (Circle{"1", "a"}));
}

TEST(Deadlock, NoneWhereSomethingElseWouldDo) {
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b", "c"}}}), holder("2", {"B"}, {Want{{"a"}}})};
  EXPECT_EQ(circle(queue, {kA, kB}, "2"), Circle{}) << "c is free";
  EXPECT_EQ(circle(queue, {kA, kB, kC}, "2"), Circle{}) << "c comes back: its holder does not wait";
}

TEST(Deadlock, NoneForThoseWhoHoldNothingOrWaitForACircle) {
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b"}}}), holder("2", {"B"}, {Want{{"a"}}}),
                                  holder("3", {"C"}, {Want{{"a"}}}), ticket("4", {Want{{"a"}}})};
  EXPECT_EQ(circle(queue, {kA, kB, kC}, "4"), Circle{});
  EXPECT_EQ(circle(queue, {kA, kB, kC}, "3"), Circle{}) << "it waits, but nobody waits for it";
  EXPECT_EQ(circle(queue, {kA, kB, kC}, "2").size(), 4U);
}

TEST(Deadlock, OverThree) {
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b"}}}), holder("2", {"B"}, {Want{{"c"}}}),
                                  holder("3", {"C"}, {Want{{"a"}}})};
  EXPECT_EQ(circle(queue, {kA, kB, kC}, "3"), (Circle{"3", "a", "1", "b", "2", "c"}));
}

TEST(Deadlock, OneForSeveralIsStuckWhenOneOfThemIs) {
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b"}}, Want{{"c"}}}),
                                  holder("2", {"B"}, {Want{{"a"}}})};
  EXPECT_EQ(circle(queue, {kA, kB}, "2"), (Circle{"2", "a", "1", "b"}));
}

TEST(Deadlock, SlotsThatAreLeftAreEnough) {
  Want slot{{"a"}};
  slot.slots = 1;
  slot.capacities = {3};
  const Hold one{"a", "A", 1, {}}, two{"a", "A", 3, {}};
  const std::vector<Ticket> queue{holder("1", {"A"}, {Want{{"b"}}}), holder("2", {"B"}, {slot})};
  EXPECT_EQ(circle(queue, {one, kB}, "2"), Circle{});
  EXPECT_EQ(circle(queue, {two, kB}, "2"), (Circle{"2", "a", "1", "b"}));
}

TEST(Deadlock, WhatAPyLockableHoldsIsNobodys) {
  EXPECT_EQ(circle({holder("1", {""}, {Want{{"a"}}})}, {Hold{"a", "", 0, {}}}, "1"), Circle{});
}

using Ids = std::set<std::string>;

TEST(Dependents, WhoWaitsForWhatItHoldsAndWhoWaitsForThose) {
  const std::vector<Ticket> queue{ticket("1", {Want{{"a"}}, Want{{"z"}}}), holder("2", {"B"}, {Want{{"a"}}}),
                                  ticket("3", {Want{{"b"}}}), ticket("4", {Want{{"c"}}}),
                                  holder("me", {"A"}, {Want{{"z"}}})};
  EXPECT_EQ(dependents(queue, {kA, kB, kC}, "me"), (Ids{"1", "2", "3"}));
  EXPECT_EQ(dependents(queue, {kA, kB, kC}, "1"), Ids()) << "holds nothing";
  EXPECT_EQ(dependents(queue, {kA, kB, kC}, "nobody"), Ids());
}

TEST(Dependents, NotWhoCouldUseAnotherOne) {
  const std::vector<Ticket> queue{ticket("1", {Want{{"a", "c"}}}), holder("me", {"A"}, {Want{{"z"}}})};
  EXPECT_EQ(dependents(queue, {kA, kC}, "me"), Ids()) << "whoever has c gives it back without us";
}

TEST(Dependents, WhoNeedsAllSlotsOfWhatItShares) {
  Want whole{{"l"}};
  Want one{{"l"}, {}, 1, {}, {4}};
  const std::vector<Ticket> queue{ticket("1", {whole}), ticket("2", {one}), holder("me", {"A"}, {one})};
  EXPECT_EQ(dependents(queue, {Hold{"l", "A", 1, {}}}, "me"), (Ids{"1"}));
}

}  // namespace
}  // namespace lockable::planner
