// Members of an etcd cluster that die, stop and come back while clients hold, wait and release.
#include <functional>
#include <optional>
#include <thread>

#include "integration/etcd_bench.h"

namespace lockable::testing {
namespace {

class OneMemberTest : public EtcdBench {};

TEST_F(OneMemberTest, ARestartShorterThanHalfTheLeaseTimeLosesNothing) {
  set_lease_time(6s);
  const auto held = holder();
  const auto waits = waiter();
  etcd()[0].kill();
  etcd().restart(0);
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  EXPECT_EQ(waiting(), 1U);
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(OneMemberTest, APauseOfTheMemberShorterThanHalfTheLeaseTimeLosesNothing) {
  set_lease_time(6s);
  const auto held = holder();
  const auto waits = waiter();
  etcd()[0].stop();
  std::this_thread::sleep_for(2500ms);  // what is tested is a time
  etcd()[0].go_on();
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(OneMemberTest, AReleaseDuringAnOutageIsMadeUpForWhileTheProgramLivesOn) {
  set_lease_time(20s);
  Lockable lockable(options());
  std::optional<Allocation> allocation = lockable.lock("id=b1", 5s);
  etcd()[0].kill();
  allocation.reset();
  etcd().restart(0);
  const auto back = BootClock::now();
  await("the board is free", [this] { return store()->holders("b1").empty(); });
  EXPECT_LT(BootClock::now() - back, 5s) << "only when the lease ended";
  EXPECT_FALSE(lockable.lock("id=b1", 5s).previous_owner_died());
}

TEST_F(OneMemberTest, AWaiterThatIsKilledDuringAnOutageIsForgotten) {
  const auto held = holder();
  const auto first = waiter();
  const auto second = waiter();
  first->kill(SIGKILL);
  expect_held_until_told(*held);
  expect_served(*second);
}

class ThreeMembersTest : public EtcdBench {
 protected:
  // Debian's etcd is before 3.4.31: a leader that hung for as long as a lease lasts ends leases that others
  // renew when it goes on (etcd issue 15247). The pauses, a few seconds, must be well below that, also on a
  // busy machine.
  ThreeMembersTest() : EtcdBench(3) { set_lease_time(20s); }

  // The member that clients ask first is in trouble, then the leader, then another one; each comes back.
  void through_trouble_of_each(const std::function<void(std::size_t)>& trouble,
                               const std::function<void(std::size_t)>& recovery) {
    const auto held = holder();
    std::vector<std::unique_ptr<Process>> waiters;
    waiters.push_back(waiter());
    waiters.push_back(waiter());
    for (const std::size_t member : {std::size_t{0}, etcd().leader(), std::size_t{2}}) {
      trouble(member);
      std::this_thread::sleep_for(3s);  // what is tested is a time: several renewals
      EXPECT_TRUE(held->running()) << held->err();
      EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
      recovery(member);
      etcd()[member].await_serving();
    }
    expect_held_until_told(*held);
    for (const auto& one : waiters) expect_served(*one);
  }
  // One of them, for longer than a lease: whoever holds must have gone to another one.
  void without_one_for_long(std::size_t member, const std::function<void(std::size_t)>& trouble) {
    set_lease_time(8s);
    const auto held = holder();
    const auto waits = waiter();
    trouble(member);
    std::this_thread::sleep_for(10s);
    EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
    const auto told = BootClock::now();
    expect_held_until_told(*held);
    expect_served(*waits);
    EXPECT_LT(BootClock::now() - told, 6s) << "only when the lease ended";
  }
};

TEST_F(ThreeMembersTest, KilledOneAfterTheOther) {
  through_trouble_of_each([this](std::size_t member) { etcd()[member].kill(); },
                          [this](std::size_t member) { etcd().restart(member, false); });
}

TEST_F(ThreeMembersTest, StoppedOneAfterTheOther) {
  through_trouble_of_each([this](std::size_t member) { etcd()[member].stop(); },
                          [this](std::size_t member) { etcd()[member].go_on(); });
}

TEST_F(ThreeMembersTest, TheOneThatIsAskedIsStoppedForLongerThanALease) {
  without_one_for_long(0, [this](std::size_t member) { etcd()[member].stop(); });
}

TEST_F(ThreeMembersTest, TheLeaderIsStoppedForLongerThanALease) {
  without_one_for_long(etcd().leader(), [this](std::size_t member) { etcd()[member].stop(); });
}

TEST_F(ThreeMembersTest, TheLeaderIsKilledForGood) {
  without_one_for_long(etcd().leader(), [this](std::size_t member) { etcd()[member].kill(); });
}

TEST_F(ThreeMembersTest, WithoutAMajorityNobodyGetsAnythingAndAfterwardsAllGoesOn) {
  set_lease_time(4s);
  const auto held = holder();
  etcd()[1].kill();
  etcd()[2].kill();
  const Ended late = run_on_cluster({"--timeout", "0", "true"});
  EXPECT_EQ(late.exit_code, 74) << late.err;
  EXPECT_TRUE(contains(late.err, "etcd at ")) << late.err;
  etcd().restart(1, false);
  etcd().restart(2, false);
  etcd()[1].await_serving();
  held->kill(SIGTERM);
  held->wait();
  const Ended next = run_on_cluster({"--timeout", "30", "echo", "got it"});
  EXPECT_EQ(next.out, "got it\n") << next.err;
}

}  // namespace
}  // namespace lockable::testing
