// lockablectl doctor: whether inventory and lock store can do their work.
#include "integration/etcd_bench.h"
#include "support/http_server.h"

namespace lockable::testing {
namespace {

Command doctor(Command like, const std::vector<std::string>& arguments) {
  like.argv = {LOCKABLECTL_COMMAND, "doctor"};
  like.argv.insert(like.argv.end(), arguments.begin(), arguments.end());
  return like;
}

class DoctorTest : public Bench {
 protected:
  DoctorTest() { make_lock_folder(); }
  Ended look(const std::vector<std::string>& arguments = {}) const {
    return run(doctor(lockable({}), arguments));
  }
};

TEST_F(DoctorTest, AGoodFolder) {
  const Ended ended = look({"--json"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "1 resource")) << ended.out;
  EXPECT_TRUE(contains(ended.out, lock_folder() + ": can be used")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "\"healthy\": true")) << ended.out;
}

TEST_F(DoctorTest, AFolderThatIsNotThereIsADoubtAndIsNotMade) {
  const Ended ended = look({"--lock-folder", folder_ / "mistyped"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "doubt    lock folder " + (folder_ / "mistyped") + " is not there"))
      << ended.out;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mistyped"));
}

TEST_F(DoctorTest, AllProblemsAtOnceAndTheFirstDecides) {
  write_inventory("[{");
  const Ended ended = look({"--lock-folder", "/dev/null/x"});
  EXPECT_EQ(ended.exit_code, 65) << ended.out;
  EXPECT_TRUE(contains(ended.out, "problem  inventory")) << ended.out;
  EXPECT_TRUE(contains(ended.out, "/dev/null/x")) << ended.out;
  write_boards(1);
  EXPECT_EQ(look({"--lock-folder", "/dev/null/x"}).exit_code, 73);
}

TEST_F(DoctorTest, AServerThatIsNoEtcd) {
  const HttpServer web(folder_.path());
  const Ended ended = look({"--store", "etcd://127.0.0.1:" + std::to_string(web.port()) + "/lab"});
  EXPECT_EQ(ended.exit_code, 74) << ended.out << ended.err;
  EXPECT_TRUE(contains(ended.out, "is this etcd 3.4 or later?")) << ended.out << ended.err;
}

class EtcdDoctorTest : public EtcdBench {
 protected:
  Ended look(const std::string& store) const { return run(doctor(on_cluster({}), {"--store", store})); }
};

TEST_F(EtcdDoctorTest, TellsOfEachMemberAndOfTheNamespace) {
  const Ended good = look(environment_.at("LOCKABLE_STORE"));
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_TRUE(contains(good.out, "version 3.")) << good.out;
  const bool old = contains(etcd().etcdctl_out({"version"}), "3.4.23");
  EXPECT_EQ(contains(good.out, "issue 15247"), old) << good.out;
  EXPECT_TRUE(contains(good.out, "namespace lab: can be read and written")) << good.out;
  const Ended half = look(etcd().uri_by({etcd()[0].endpoint(), "127.0.0.1:9"}));
  EXPECT_EQ(half.exit_code, 74) << half.out;
  EXPECT_TRUE(contains(half.out, "problem  etcd at http://127.0.0.1:9")) << half.out;
  EXPECT_TRUE(contains(half.out, "namespace lab: can be read and written")) << half.out;
}

TEST_F(EtcdDoctorTest, AUserOfTheLabNeedsToBeNobodyElse) {
  etcd().require_user("ci", "word", "lab");
  environment_["LOCKABLE_ETCD_USER"] = "ci";
  environment_["LOCKABLE_ETCD_PASSWORD"] = "word";
  const Ended good = look(environment_.at("LOCKABLE_STORE"));
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_TRUE(contains(good.out, "namespace lab: can be read and written")) << good.out;
  EXPECT_FALSE(contains(good.out, "problem")) << good.out;
  const Ended elsewhere = look(etcd().uri("elsewhere"));
  EXPECT_EQ(elsewhere.exit_code, 74) << elsewhere.out;
  EXPECT_TRUE(contains(elsewhere.out, "needs a role")) << elsewhere.out;
}

}  // namespace
}  // namespace lockable::testing
