// The queue in etcd, seen from within a program.
#include "integration/etcd_bench.h"

namespace lockable::testing {
namespace {

class EtcdQueueTest : public EtcdBench {
 protected:
  EtcdQueueTest() : store_(store()) {}

  std::unique_ptr<Place> enqueue() {
    Ticket ticket;
    ticket.wants = {Want{{"b1"}}};
    ticket.owner = Json::object();
    auto place = store_->enqueue(ticket);
    store_->snapshot(place->ticket(), 0);
    return place;
  }
  // By somebody else, before it would look by itself (place.cpp).
  static bool is_told(Place& place) { return place.wait(BootClock::now() + 2500ms, -1); }

  std::shared_ptr<LockStore> store_;
};

TEST_F(EtcdQueueTest, TheyStandInTheOrderInWhichTheyCame) {
  const auto first = enqueue(), second = enqueue(), third = enqueue();
  const std::vector<Ticket> queue = store_->queue();
  ASSERT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue[0].id, first->ticket().id);
  EXPECT_EQ(queue[2].id, third->ticket().id);
}

TEST_F(EtcdQueueTest, WhoComesUpToBeOneOfTheFirstIsToldWhenOneLeaves) {
  auto first = enqueue();
  const auto second = enqueue(), third = enqueue();
  store_->snapshot(third->ticket(), 0);
  first.reset();
  EXPECT_TRUE(is_told(*third));
}

TEST_F(EtcdQueueTest, AndWhenOneIsServed) {
  const auto first = enqueue(), second = enqueue(), third = enqueue();
  const Snapshot seen = store_->snapshot(first->ticket(), 0);
  const auto leases = store_->commit(seen, {{"b1", "an id", 0, 0}}, Json::object());
  ASSERT_EQ(leases.size(), 1U);
  EXPECT_EQ(store_->queue().size(), 2U) << "the ticket goes at the same stroke";
  EXPECT_TRUE(is_told(*third));
}

TEST_F(EtcdQueueTest, ATicketRemovedByHandComesBackToItsPlace) {
  const auto first = enqueue(), second = enqueue();
  etcd().etcdctl_out({"del", "lab/queue/" + first->ticket().id});
  EXPECT_TRUE(is_told(*first));
  store_->snapshot(first->ticket(), 0);
  EXPECT_TRUE(is_told(*first));
  const std::vector<Ticket> queue = store_->queue();
  ASSERT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue[0].id, first->ticket().id);
}

}  // namespace
}  // namespace lockable::testing
