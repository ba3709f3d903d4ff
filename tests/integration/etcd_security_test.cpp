// Users, passwords and certificates between a client and its cluster.
#include <algorithm>
#include <filesystem>
#include <thread>

#include "integration/etcd_bench.h"
#include "support/http_server.h"

namespace lockable::testing {
namespace {

constexpr const char* kPassword = "s3cret-w0rd";

class UsersOfEtcdTest : public EtcdBench {
 protected:
  explicit UsersOfEtcdTest(std::vector<std::string> arguments = {})
      : EtcdBench(1, {std::move(arguments), "", "good"}) {
    etcd().require_user("ci", kPassword, "lab");
    environment_["LOCKABLE_ETCD_USER"] = "ci";
  }
  // One clear message, within the time of a few tries, and no secret in it.
  static void expect_refused(const Ended& ended, const std::string& part) {
    EXPECT_EQ(ended.exit_code, 74) << ended.err;
    EXPECT_TRUE(contains(ended.err, part)) << ended.err;
    EXPECT_FALSE(contains(ended.err + ended.out, kPassword)) << ended.err;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  }
};

TEST_F(UsersOfEtcdTest, APasswordFromTheEnvironmentOrAFile) {
  environment_["LOCKABLE_ETCD_PASSWORD"] = kPassword;
  EXPECT_EQ(run_on_cluster({"echo", "ran"}).out, "ran\n");
  environment_.erase("LOCKABLE_ETCD_PASSWORD");
  environment_["LOCKABLE_ETCD_PASSWORD_FILE"] = folder_.write("password", std::string(kPassword) + "\n");
  EXPECT_EQ(run_on_cluster({"echo", "ran"}).out, "ran\n");
}

TEST_F(UsersOfEtcdTest, AWrongOneIsRefusedWithOneClearError) {
  environment_["LOCKABLE_ETCD_PASSWORD"] = "wr0ng";
  const Ended ended = run_on_cluster({"true"});
  expect_refused(ended, "LOCKABLE_ETCD_PASSWORD");
  EXPECT_FALSE(contains(ended.err, "wr0ng")) << ended.err;
}

TEST_F(UsersOfEtcdTest, NoneAtAllIsRefusedTheSameWay) {
  environment_.erase("LOCKABLE_ETCD_USER");
  expect_refused(run_on_cluster({"true"}), "LOCKABLE_ETCD_USER");
}

TEST_F(UsersOfEtcdTest, AnotherNamespaceIsRefusedNamingWhatTheUserNeeds) {
  environment_["LOCKABLE_ETCD_PASSWORD"] = kPassword;
  environment_["LOCKABLE_STORE"] = etcd().uri("elsewhere");
  expect_refused(run_on_cluster({"true"}), "role");
}

TEST_F(UsersOfEtcdTest, APasswordFileThatIsNotThereIsNamed) {
  environment_["LOCKABLE_ETCD_PASSWORD_FILE"] = "/nowhere/password";
  expect_refused(run_on_cluster({"true"}), "/nowhere/password");
}

class ShortTokensTest : public UsersOfEtcdTest {
 protected:
  ShortTokensTest() : UsersOfEtcdTest({"--auth-token-ttl", "1"}) {
    environment_["LOCKABLE_ETCD_PASSWORD"] = kPassword;
  }
};

TEST_F(ShortTokensTest, TokensThatRunOutAreRenewedWhileOneHoldsAndWaits) {
  const auto held = holder();
  const auto waits = waiter();
  std::this_thread::sleep_for(6s);  // two leases, some tokens
  EXPECT_EQ(run_on_cluster({"--timeout", "0", "true"}).exit_code, 75);
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(ShortTokensTest, ARestartThatForgetsAllTokensIsNoTrouble) {
  set_lease_time(8s);
  const auto held = holder();
  const auto waits = waiter();
  etcd()[0].kill();
  etcd().restart(0);
  expect_held_until_told(*held);
  expect_served(*waits);
}

struct Certificates {
  Certificates() { make_certificates(certificates_.path()); }
  TempFolder certificates_;
};

class TlsTest : private Certificates, public EtcdBench {
 protected:
  explicit TlsTest(const std::string& certificate = "good")
      : EtcdBench(1, {{}, certificates_.path(), certificate}) {
    environment_["LOCKABLE_ETCD_CA"] = certificates_ / "ca.pem";
    identify("client");
  }
  void identify(const std::string& name) {
    environment_["LOCKABLE_ETCD_CERT"] = certificates_ / (name + ".pem");
    environment_["LOCKABLE_ETCD_KEY"] = certificates_ / (name + ".key");
  }
  // One clear message.
  void expect_refused(const std::string& part) {
    const auto start = BootClock::now();
    const Ended ended = run_on_cluster({"--timeout", "0", "true"});
    EXPECT_EQ(ended.exit_code, 74) << ended.err;
    EXPECT_TRUE(contains(ended.err, part)) << ended.err;
    EXPECT_FALSE(contains(ended.err, "LOCKABLE_HTTP")) << ended.err;
    EXPECT_LT(BootClock::now() - start, 20s);
  }
};

TEST_F(TlsTest, WithAnAuthorityAndACertificateOfOurOwn) {
  const auto held = holder();
  const auto waits = waiter();
  expect_held_until_told(*held);
  expect_served(*waits);
}

TEST_F(TlsTest, WithoutTheAuthorityItIsNamed) {
  environment_.erase("LOCKABLE_ETCD_CA");
  expect_refused("LOCKABLE_ETCD_CA");
}

TEST_F(TlsTest, WithoutACertificateItIsNamed) {
  environment_.erase("LOCKABLE_ETCD_CERT");
  environment_.erase("LOCKABLE_ETCD_KEY");
  expect_refused("LOCKABLE_ETCD_CERT");
}

TEST_F(TlsTest, AnExpiredCertificateOfOurOwnIsRefused) {
  identify("expired");
  expect_refused("certificate");
}

TEST_F(TlsTest, AFileThatIsNotThereIsNamed) {
  identify("nobody");
  expect_refused("nobody.pem");
}

TEST_F(TlsTest, PlainTalkToItEnds) {
  environment_["LOCKABLE_STORE"] = "etcd://" + etcd()[0].endpoint() + "/lab";
  expect_refused("etcds://");
}

class ExpiredTest : public TlsTest {
 protected:
  ExpiredTest() : TlsTest("expired") {}
};

TEST_F(ExpiredTest, AMemberWhoseCertificateHasExpiredIsNotTrusted) { expect_refused("expired"); }

}  // namespace
}  // namespace lockable::testing
