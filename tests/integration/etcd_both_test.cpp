// A lab's store and this machine's lock folder at once.
#include "integration/ctest_bench.h"
#include "integration/etcd_bench.h"

namespace lockable::testing {
namespace {

class BothTest : public EtcdBench {
 protected:
  std::vector<std::string> both(std::vector<std::string> rest) const {
    std::vector<std::string> words{"--store", environment_.at("LOCKABLE_STORE"), "--lock-folder",
                                   lock_folder()};
    words.insert(words.end(), rest.begin(), rest.end());
    return words;
  }
  Ended in_files(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--lock-folder", lock_folder()});
    return run_on_cluster(std::move(words));
  }
};

TEST_F(BothTest, KeepsAwayWhoUsesEitherOne) {
  Process holder(on_cluster(both({"--", "sh", "-c", "echo held; exec sleep 600"})));
  holder.await_output("held");
  EXPECT_EQ(in_files({"--timeout", "0", "true"}).exit_code, 75);
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  holder.kill(SIGTERM);
  holder.wait();
  EXPECT_EQ(in_files({"--timeout", "0", "true"}).exit_code, 0);
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 0);
}

TEST_F(BothTest, WaitingForTheFileItHoldsNothingInEtcd) {
  Command local = lockable({"--lock-folder", lock_folder(), "--", "sh", "-c", "echo held; exec sleep 600"});
  Process holder(local);
  holder.await_output("held");
  Process waits(on_cluster(both({"--timeout", "60", "--", "echo", "got it"})));
  waits.await_output("in the queue");
  EXPECT_TRUE(etcd().etcdctl_out({"get", "--prefix", "lab/held/"}).empty());
  holder.kill(SIGTERM);
  expect_served(waits);
}

TEST_F(BothTest, ProgramsWithinUseBothToo) {
  const Ended ended = run_on_cluster(both({"--", "sh", "-c", "echo $LOCKABLE_STORE"}));
  EXPECT_TRUE(contains(ended.out, "/lab+file:")) << ended.out << ended.err;
}

class BothOfCTestTest : public CTestBench {};

TEST_F(BothOfCTestTest, AStoreAndAFolderOfOneTest) {
  const EtcdCluster etcd(1);
  const std::string text = "lockable_add_test(NAME both STORE " + etcd.uri() + " LOCK_FOLDER " +
                           lock_folder() + " COMMAND sh -c \"echo store $LOCKABLE_STORE; ls " +
                           lock_folder() + "\")";
  const std::string out = passes(text);
  EXPECT_TRUE(contains(out, "store " + etcd.uri() + "+file:" + lock_folder())) << out;
  EXPECT_TRUE(contains(out, "b1.pid")) << out;
  const Ended files = configure("lockable_add_test(NAME both STORE file:/x LOCK_FOLDER /y COMMAND true)");
  EXPECT_NE(files.exit_code, 0);
  EXPECT_TRUE(contains(files.err, "exclude each other")) << files.err;
}

}  // namespace
}  // namespace lockable::testing
