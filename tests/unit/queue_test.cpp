// The queue in its folder: who is in it, in which order, and what garbage does to it.
#include "stores/file/queue.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stores/file/ticket_name.h"
#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;

class QueueTest : public StoreFolder {
 protected:
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const Ticket& one : another()->queue()) result.push_back(one.id);
    return result;
  }
  std::string id(const std::unique_ptr<Place>& place) const { return place->ticket().id; }
  std::size_t files() const { return names_in(queue_folder()); }
  static std::string early(const std::string& wants, int bell = 7) {
    return "00000000000000000001-00000000000000000001-5-1-" + kind_of(wants) + "-" + std::to_string(bell);
  }
};

TEST_F(QueueTest, IsOrderedByArrivalThenPriorityFirst) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}, 5));
  const auto other = another();
  const auto third = other->enqueue(ticket({"a"}, -5));
  const auto fourth = store_->enqueue(ticket({"a"}, 5));
  EXPECT_LT(id(second), id(fourth));
  EXPECT_EQ(ids(), (std::vector<std::string>{id(second), id(fourth), id(first), id(third)}));
}

TEST_F(QueueTest, KeepsWhatTheTicketSays) {
  Ticket asked = ticket({"a", "two\nlines", std::string("n\0l", 3)}, 3);
  Want slots{{"b", "c"}, {"left", "right"}, 2, {0, 1}, {4, 6}};
  asked.wants = {asked.wants[0], slots};
  asked.holding = {"x", "y"};
  asked.owner = {{"user", "ann"}};
  const auto place = store_->enqueue(asked);
  const Ticket found = another()->queue().at(0);
  EXPECT_EQ(found.priority, 3);
  EXPECT_EQ(found.owner, asked.owner);
  EXPECT_EQ(found.holding, asked.holding);
  EXPECT_EQ(found.rank, place->ticket().rank);
  EXPECT_TRUE(found.wants == asked.wants);
}

TEST_F(QueueTest, AnUpdateKeepsThePlace) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}));
  first->update({{{"z"}}});
  const auto queue = another()->queue();
  EXPECT_EQ(queue.at(0).id, id(first));
  EXPECT_EQ(queue.at(0).wants.at(0).candidates, std::vector<std::string>{"z"});
}

TEST_F(QueueTest, EveryUpdateIsSeenByAStoreThatKnowsTheTicket) {
  const auto mine = store_->enqueue(ticket({"a"}));
  const auto store = another();
  for (int i = 0; i < 50; ++i) {
    const std::string id = "x" + std::to_string(i % 10);
    mine->update({{{id}}});
    EXPECT_EQ(store->queue().at(0).wants.at(0).candidates, std::vector<std::string>{id});
  }
}

// Who reads the queue reads names first, then tickets.
TEST_F(QueueTest, WhoReadItsNamesBeforeAnUpdateFindsThePlaceNotEmpty) {
  const platform::Folder lock_folder = platform::Folder::open(locks());
  const platform::Folder own = platform::Folder::open(locks() + "/.lockable");
  const SpareFiles spare(own);
  const Queue queue(lock_folder, own, spare);
  auto mine = store_->enqueue(ticket({"a"}));
  const Queue::Entries before = queue.entries();
  mine->update({{{"b"}}});
  const auto read = queue.read(before->at(0));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->wants.at(0).candidates, std::vector<std::string>{"a"});
  EXPECT_EQ(ids(), std::vector<std::string>{id(mine)});
  store_->wake({before->at(0).id});
  EXPECT_TRUE(rung(*mine));
  mine->update({{{"c"}}});
  EXPECT_EQ(files(), 2U) << "the last two";
  mine.reset();
  EXPECT_EQ(files(), 0U);
}

TEST_F(QueueTest, LeavingLeavesNothing) {
  { const auto place = store_->enqueue(ticket({"a"})); }
  EXPECT_EQ(files(), 0U);
}

TEST_F(QueueTest, WhatTheDeadLeftIsSwept) {
  EXPECT_TRUE(in_child([&] {
    auto place = store_->enqueue(ticket({"a"}));
    return place.release() != nullptr;  // exits without leaving
  }));
  EXPECT_EQ(files(), 1U);
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(files(), 0U);
}

TEST_F(QueueTest, AForkedChildDoesNotLeaveForItsParent) {
  auto place = store_->enqueue(ticket({"a"}));
  EXPECT_TRUE(in_child([&] {
    place.reset();
    return true;
  }));
  EXPECT_EQ(ids(), std::vector<std::string>{id(place)});
}

TEST_F(QueueTest, GarbageThatIsNobodysIsIgnored) {
  const auto place = store_->enqueue(ticket({"a"}));
  for (const std::string& name :
       {std::string("!"), std::string("garbage"), early("0", 0), std::string(".new-x"), std::string("zzz")})
    folder_.write("locks/.lockable/queue/" + name, "garbage");
  fs::create_directory(queue_folder() + "/" + early("1", 1));
  fs::create_symlink(folder_ / "target", queue_folder() + "/" + early("2", 2));
  ASSERT_EQ(::mkfifo((queue_folder() + "/" + early("3", 3)).c_str(), 0600), 0);
  EXPECT_EQ(ids(), std::vector<std::string>{id(place)});
  EXPECT_EQ(ids(), std::vector<std::string>{id(place)});
  place->wait(BootClock::now(), -1);
  EXPECT_FALSE(fs::exists(folder_ / "target"));
}

// What a living process wrote, read by another one.
class TicketTextTest : public QueueTest {
 protected:
  bool accepted(const std::string& text) const {
    const std::string name = early(text.substr(0, text.find('\n')));
    folder_.write("locks/.lockable/queue/" + name, text);
    const std::string path = queue_folder() + "/" + name;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_EQ(::flock(fd, LOCK_EX), 0);
    const std::size_t seen = ids().size();
    EXPECT_TRUE(fs::exists(path));            // it is its owner's
    EXPECT_EQ(store_->queue().size(), seen);  // also where it is known already
    EXPECT_EQ(store_->snapshot({}).queue.size(), seen);
    ::close(fd);
    fs::remove(path);
    return seen == 1;
  }
  static constexpr const char* kWants =
      R"({"capacities":[[4,4]],"ranks":[[0,1]],"same":[["x","y"]],"slots":[2],"wants":[["a","b"]]})";
  static constexpr const char* kRest = R"({"priority":0,"holding":[],"owner":{}})";
};

TEST_F(TicketTextTest, OfALivingProcessIsRead) {
  EXPECT_TRUE(accepted(std::string(kWants) + "\n" + kRest + "\n"));
}

TEST_F(TicketTextTest, ThatIsCutShortIsIgnored) {
  const std::string whole = std::string(kWants) + "\n" + kRest;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(accepted(whole.substr(0, size))) << whole.substr(0, size);
}

TEST_F(TicketTextTest, WithMalformedWantsIsIgnored) {
  const Json good = Json::parse(kWants);
  const auto with = [&good](const Json& patch) {
    Json changed = good;
    changed.merge_patch(patch);
    return changed.dump();
  };
  Json many = Json::object();
  for (const auto& item : good.items()) many[item.key()] = std::vector<Json>(65, item.value()[0]);
  for (const std::string& wants : {std::string("garbage"),
                                   std::string("[]"),
                                   std::string("{}"),
                                   std::string(200'000, '['),
                                   many.dump(),
                                   with({{"wants", Json::array()}}),
                                   with({{"wants", {"a", "b"}}}),
                                   with({{"wants", {{1, 2}}}}),
                                   with({{"same", Json::array()}}),
                                   with({{"same", {{"x"}}}}),
                                   with({{"slots", Json::array()}}),
                                   with({{"slots", {-1}}}),
                                   with({{"slots", {4294967296}}}),
                                   with({{"slots", {"1"}}}),
                                   with({{"slots", {0}}}),
                                   with({{"capacities", {Json::array()}}}),
                                   with({{"capacities", {{1}}}}),
                                   with({{"capacities", {{1, -1}}}}),
                                   with({{"ranks", {{1}}}}),
                                   with({{"ranks", {{0, "1"}}}}),
                                   with({{"ranks", nullptr}})})
    EXPECT_FALSE(accepted(wants + "\n" + kRest + "\n")) << wants.substr(0, 200);
}

TEST_F(TicketTextTest, WithAMalformedRestIsIgnored) {
  for (const std::string& rest :
       {std::string(200'000, '['), std::string("[]"), std::string(R"({"priority":0,"holding":[]})"),
        std::string(R"({"priority":"0","holding":[],"owner":{}})"),
        std::string(R"({"priority":1e300,"holding":[],"owner":{}})"),
        std::string(R"({"priority":4294967296,"holding":[],"owner":{}})"),
        std::string(R"({"priority":0,"holding":[],"owner":5})"), std::string(R"({"priority":0,"owner":{}})"),
        std::string(R"({"priority":0,"holding":[1],"owner":{}})")})
    EXPECT_FALSE(accepted(std::string(kWants) + "\n" + rest + "\n")) << rest.substr(0, 200);
}

TEST_F(QueueTest, WhoWasTakenForDeadComesBackToItsPlaceAndHearsItsBell) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}));
  fs::remove(queue_folder() + "/" + id(first));
  EXPECT_EQ(ids(), std::vector<std::string>{id(second)});
  first->wait(BootClock::now(), -1);
  EXPECT_EQ(ids(), (std::vector<std::string>{id(first), id(second)}));
  another()->wake({id(first)});
  EXPECT_TRUE(rung(*first));
}

TEST_F(QueueTest, WakingNobodyDoesNothing) {
  another()->wake({"no such", "plain", "../../x", "", early("x")});
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(names_in(bells_folder()), 0U);
}

// A step of priority counts a minute, so that nobody is passed over for ever.
TEST(Rank, APriorityIsAHeadStart) {
  using std::chrono::minutes;
  EXPECT_LT(rank_of(minutes(100), 0), rank_of(minutes(106), 5));
  EXPECT_GT(rank_of(minutes(100), 0), rank_of(minutes(104), 5));
  EXPECT_EQ(rank_of(minutes(1), 2'000'000'000), rank_of(minutes(1), kMostPriority));
  TicketName name, read;
  for (const int priority : {-2'000'000'000, -1, 0, 1, 2'000'000'000}) {
    name.arrival = minutes(7);
    name.rank = rank_of(name.arrival, priority);
    name.kind = kind_of("x");
    ASSERT_TRUE(TicketName::parse(name.make(), read)) << name.make();
    EXPECT_EQ(read.rank, name.rank);
    EXPECT_EQ(read.arrival, name.arrival);
  }
}

// Of a crowd that wants the same, only who could be served is read.
TEST_F(QueueTest, ASnapshotReadsNoMoreThanItMust) {
  std::vector<std::unique_ptr<Place>> places;
  for (int i = 0; i < 20; ++i) places.push_back(store_->enqueue(ticket({"a", "b"})));
  places.push_back(store_->enqueue(ticket({"c"})));
  const Leases held = take({"a"});
  const Snapshot seen = another()->snapshot(ticket({"a"}));
  std::vector<std::string> read;
  for (const Ticket& one : seen.queue) read.push_back(one.id);
  EXPECT_EQ(read, (std::vector<std::string>{id(places[0]), id(places[1]), id(places[20]), ""}))
      << "one for b, one more, the one for c, and the one that asks";
  ASSERT_EQ(seen.demand.size(), 1U);
  EXPECT_EQ(seen.demand[0].count, 18U);
  EXPECT_EQ(seen.place, 22U);
  EXPECT_EQ(seen.length, 22U);
  EXPECT_EQ(another()->snapshot(places[9]->ticket()).place, 10U);
  EXPECT_EQ(another()->snapshot(places[9]->ticket()).length, 21U);
  EXPECT_EQ(another()->snapshot({}, 3).queue.size(), 6U) << "three that do not answer";
}

}  // namespace
}  // namespace lockable::file_store
