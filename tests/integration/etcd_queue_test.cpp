// The queue in etcd, seen from within a program.
#include "integration/etcd_bench.h"

namespace lockable::testing {
namespace {

class EtcdQueueTest : public EtcdBench {
 protected:
  EtcdQueueTest() : store_(store()) {}

  std::unique_ptr<Place> enqueue(const std::string& id = "b1") {
    Ticket ticket;
    ticket.wants = {Want{{id}}};
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

TEST_F(EtcdQueueTest, ALookoutKnowsWhatIsGivenBackWithoutALook) {
  const auto others = store();
  const auto lease = others->commit(others->snapshot({}, 0), {{"b1", "an id", 0, 0}}, Json::object());
  const auto first = enqueue();
  lease.front()->release();
  ASSERT_TRUE(is_told(*first));
  const double before = etcd().metric("grpc_server_handled_total", "Txn");
  const Snapshot seen = store_->snapshot(first->ticket(), 0);
  EXPECT_EQ(etcd().metric("grpc_server_handled_total", "Txn"), before);
  EXPECT_TRUE(seen.held.empty());
  EXPECT_EQ(store_->commit(seen, {{"b1", "another id", 0, 0}}, Json::object()).size(), 1U);
}

// The leases of both before him ended, and nobody told him.
TEST_F(EtcdQueueTest, WhoCameUpWithoutHearingOfItIsToldOfWhatIsGivenBack) {
  Lockable lockable(options());
  Allocation board = lockable.lock("id=b1", 0s);
  const auto first = enqueue(), second = enqueue(), third = enqueue();
  for (const auto* gone : {&first, &second}) etcd().etcdctl_out({"del", "lab/queue/" + (*gone)->ticket().id});
  board.unlock();
  EXPECT_TRUE(is_told(*third));
}

TEST_F(EtcdQueueTest, WhatIsGivenBackFindsWhomItIsForHoweverFarBehind) {
  const auto other = store_->commit(store_->snapshot({}, 0), {{"b2", "an id", 0, 0}}, Json::object());
  Lockable lockable(options());
  Allocation board = lockable.lock("id=b1", 0s);
  std::vector<std::unique_ptr<Place>> stopped;
  for (int i = 0; i < 9; ++i) stopped.push_back(enqueue("b2"));
  const auto last = enqueue("b1");
  board.unlock();
  EXPECT_TRUE(is_told(*last));
}

// To give back it is enough to know the front of the queue.
TEST_F(EtcdQueueTest, WhoComesBackAtOnceKnowsOfAllWhoWait) {
  const auto lease = store_->commit(store_->snapshot({}, 0), {{"b2", "an id", 0, 0}}, Json::object());
  std::vector<std::unique_ptr<Place>> waiting;
  for (int i = 0; i < 9; ++i) waiting.push_back(enqueue());
  lease.front()->release();
  Ticket mine;
  mine.wants = {Want{{"b2", "b3"}}};
  EXPECT_EQ(store_->snapshot(mine, 0).length, 10U);
}

TEST_F(EtcdQueueTest, AShortLeaseIsRenewedNowAndThen) {
  set_lease_time(2s);
  EXPECT_EQ(run_on_cluster({"sleep", "1"}).exit_code, 0);
  EXPECT_LT(etcd().metric("grpc_server_handled_total", "LeaseKeepAlive"), 10);
}

TEST_F(EtcdQueueTest, WhatThoseLeaveWhoDieWhileTheyUseAnAllocationIsCleared) {
  set_lease_time(2s);
  const Ended ended = run_on_cluster(
      {"--", "sh", "-c", std::string(LOCKABLE_COMMAND) + " -- sh -c 'kill -9 $PPID; sleep 0.1'; true"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  await("nothing is held", [this] {
    return etcd().etcdctl_out({"get", "--prefix", "--keys-only", "lab/held/"}).empty();
  });
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
