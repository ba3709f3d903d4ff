// The queue in its folder: who is in it, in which order, and what garbage does to it.
#include "stores/file/queue.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/store_folder.h"

namespace lockable::file_store {
namespace {

namespace fs = std::filesystem;

class QueueTest : public StoreFolder {
 protected:
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const Ticket& one : another()->snapshot(ticket({})).queue) result.push_back(one.id);
    return result;
  }
  std::string id(const std::unique_ptr<Place>& place) const { return place->ticket().id; }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(queue_folder()), fs::directory_iterator()));
  }
  static constexpr const char* kEarly = "00000000000000000001-5-1";
};

TEST_F(QueueTest, IsOrderedByArrivalThenPriorityFirst) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}, 5));
  const auto other = another();
  const auto third = other->enqueue(ticket({"a"}, -5));
  const auto fourth = store_->enqueue(ticket({"a"}, 5));
  EXPECT_LT(id(first), id(second));
  EXPECT_LT(id(second), id(third));
  EXPECT_EQ(ids(), (std::vector<std::string>{id(second), id(fourth), id(first), id(third)}));
}

TEST_F(QueueTest, KeepsWhatTheTicketSays) {
  Ticket asked = ticket({"a", "two\nlines", std::string("n\0l", 3)}, 3);
  asked.wants.push_back({{"b", "c"}, {"left", "right"}, 2});
  asked.owner = {{"user", "ann"}};
  const auto place = store_->enqueue(asked);
  const Ticket found = another()->snapshot(ticket({})).queue.at(0);
  EXPECT_EQ(found.priority, 3);
  EXPECT_EQ(found.owner, asked.owner);
  EXPECT_TRUE(found.wants == asked.wants);
}

TEST_F(QueueTest, AnUpdateKeepsThePlace) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}));
  first->update({{{"z"}}});
  const auto queue = another()->snapshot(ticket({})).queue;
  EXPECT_EQ(queue.at(0).id, id(first));
  EXPECT_EQ(queue.at(0).wants.at(0).candidates, std::vector<std::string>{"z"});
}

TEST_F(QueueTest, EveryUpdateIsSeenByAStoreThatKnowsTheTicket) {
  const auto mine = store_->enqueue(ticket({"a"}));
  const auto store = another();
  for (int i = 0; i < 50; ++i) {
    const std::string id = "x" + std::to_string(i % 10);
    mine->update({{{id}}});
    EXPECT_EQ(store->snapshot(ticket({})).queue.at(0).wants.at(0).candidates, std::vector<std::string>{id});
  }
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
  EXPECT_EQ(files(), 2U);
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
  for (const char* name : {"!", "garbage", "garbage.bell", kEarly, ".new-x", "zzz"})
    folder_.write(std::string("locks/.lockable/queue/") + name, "garbage");
  fs::create_directory(queue_folder() + "/" + kEarly + "0");
  fs::create_symlink(folder_ / "target", queue_folder() + "/" + kEarly + "1");
  ASSERT_EQ(::mkfifo((queue_folder() + "/" + kEarly + "2").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((queue_folder() + "/" + kEarly + "3.bell").c_str(), 0600), 0);
  EXPECT_EQ(ids(), std::vector<std::string>{id(place)});
  EXPECT_EQ(ids(), std::vector<std::string>{id(place)});
  place->wait(BootClock::now(), -1);
  EXPECT_FALSE(fs::exists(folder_ / "target"));
}

// What a living process wrote, read by another one.
class TicketTextTest : public QueueTest {
 protected:
  bool accepted(const std::string& text) const {
    folder_.write(std::string("locks/.lockable/queue/") + kEarly, text);
    const std::string path = queue_folder() + "/" + kEarly;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_EQ(::flock(fd, LOCK_EX), 0);
    const std::size_t seen = ids().size();
    EXPECT_TRUE(fs::exists(path));                               // it is its owner's
    EXPECT_EQ(store_->snapshot(ticket({})).queue.size(), seen);  // also where it is known already
    EXPECT_EQ(store_->snapshot(ticket({})).queue.size(), seen);
    ::close(fd);
    return seen == 1;
  }
  static constexpr const char* kWants = R"({"wants":[["a","b"]],"same":[["x","y"]],"slots":[2]})";
  static constexpr const char* kRest = R"({"priority":0,"owner":{}})";
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
  std::string many, none, zeros;
  for (int i = 0; i < 65; ++i) {
    const char* comma = i == 0 ? "" : ",";
    many += comma + std::string("[\"a\"]");
    none += comma + std::string("[]");
    zeros += comma + std::string("0");
  }
  for (const std::string& wants :
       {std::string("garbage"), std::string("[]"), std::string("{}"), std::string(200'000, '['),
        std::string(R"({"wants":[],"same":[],"slots":[]})"),
        std::string(R"({"wants":["a"],"same":[[]],"slots":[0]})"),
        std::string(R"({"wants":[[1]],"same":[[]],"slots":[0]})"),
        std::string(R"({"wants":[["a"]],"same":[],"slots":[0]})"),
        std::string(R"({"wants":[["a"]],"same":[["x","y"]],"slots":[0]})"),
        std::string(R"({"wants":[["a"]],"same":[[]],"slots":[]})"),
        std::string(R"({"wants":[["a"]],"same":[[]],"slots":[-1]})"),
        std::string(R"({"wants":[["a"]],"same":[[]],"slots":[4294967296]})"),
        std::string(R"({"wants":[["a"]],"same":[[]],"slots":["1"]})"),
        R"({"wants":[)" + many + R"(],"same":[)" + none + R"(],"slots":[)" + zeros + "]}"})
    EXPECT_FALSE(accepted(wants + "\n" + kRest + "\n")) << wants.substr(0, 200);
}

TEST_F(TicketTextTest, WithAMalformedRestIsIgnored) {
  for (const std::string& rest :
       {std::string(200'000, '['), std::string("[]"), std::string(R"({"priority":0})"),
        std::string(R"({"priority":"0","owner":{}})"), std::string(R"({"priority":1e300,"owner":{}})"),
        std::string(R"({"priority":4294967296,"owner":{}})"), std::string(R"({"priority":0,"owner":5})")})
    EXPECT_FALSE(accepted(std::string(kWants) + "\n" + rest + "\n")) << rest.substr(0, 200);
}

TEST_F(QueueTest, WhoWasTakenForDeadComesBackToItsPlaceAndHearsItsBell) {
  const auto first = store_->enqueue(ticket({"a"}));
  const auto second = store_->enqueue(ticket({"a"}));
  fs::remove(queue_folder() + "/" + id(first));
  fs::remove(queue_folder() + "/" + id(first) + ".bell");
  EXPECT_EQ(ids(), std::vector<std::string>{id(second)});
  first->wait(BootClock::now(), -1);
  EXPECT_EQ(ids(), (std::vector<std::string>{id(first), id(second)}));
  EXPECT_TRUE(fs::is_fifo(queue_folder() + "/" + id(first) + ".bell"));
}

TEST_F(QueueTest, WakingNobodyDoesNothing) {
  folder_.write("locks/.lockable/queue/plain.bell", "");
  another()->wake({"no such", "plain", "../../x", ""});
  EXPECT_EQ(files(), 1U);
}

TEST_F(QueueTest, ABellThatIsALinkIsNotWrittenTo) {
  const std::string precious = folder_.write("precious", "precious");
  fs::create_hard_link(precious, queue_folder() + "/" + kEarly + ".bell");
  store_->wake({kEarly});
  EXPECT_EQ(testing::read_text(precious), "precious");
}

}  // namespace
}  // namespace lockable::file_store
