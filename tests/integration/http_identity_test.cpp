// Whom we trust behind a URL, and to whom we show who we are.
#include <filesystem>

#include "integration/http_bench.h"

namespace lockable::testing {
namespace {

std::string authorization(const nlohmann::json& request) {
  return request.at("headers").value("Authorization", "none");
}

class HttpIdentityTest : public HttpBench {
 protected:
  /// Asks with these variables set; a try only, unless it is to succeed.
  Ended ask_as(const std::string& url, const std::map<std::string, std::string>& variables,
               const std::string& timeout = "20") const {
    Command command = lockable_with(url, {"--timeout", timeout, "--", "sh", "-c", "echo $ID"});
    for (const auto& [name, value] : variables) command.env[name] = value;
    return run(command);
  }
  void refused(const Ended& ended, const std::string& words) const {
    EXPECT_EQ(ended.exit_code, 74) << ended.out << ended.err;
    EXPECT_TRUE(contains(ended.err, words)) << ended.err;
    EXPECT_FALSE(contains(ended.out + ended.err, "hunter2")) << ended.out << ended.err;
  }
  /// A second server, with a folder of its own.
  struct Other {
    TempFolder folder;
    HttpServer server{folder.path()};
  };
};

TEST_F(HttpIdentityTest, ABearerToken) {
  const HttpServer server(folder_.path());
  const std::string url = server.url("/bearer/hunter2/resources.json");
  EXPECT_EQ(ask_as(url, {{"LOCKABLE_HTTP_TOKEN", "hunter2"}}).out, "b1\n");
  const std::string file = folder_.write("token", "hunter2\n");
  EXPECT_EQ(ask_as(url, {{"LOCKABLE_HTTP_TOKEN_FILE", file}}).out, "b1\n");
  const Ended none = ask_as(url, {});
  EXPECT_EQ(none.exit_code, 74);
  EXPECT_TRUE(contains(none.err, "HTTP status 401 (Unauthorized) (LOCKABLE_HTTP_TOKEN")) << none.err;
}

TEST_F(HttpIdentityTest, ATokenThatCannotBeSentIsNotShown) {
  const HttpServer server(folder_.path());
  const std::string url = server.url("/file/resources.json");
  refused(ask_as(url, {{"LOCKABLE_HTTP_TOKEN", "hunter2\r\nX-Evil: yes"}}),
          "LOCKABLE_HTTP_TOKEN holds no token");
  refused(ask_as(url, {{"LOCKABLE_HTTP_TOKEN_FILE", folder_.write("empty", "\n")}}),
          "LOCKABLE_HTTP_TOKEN_FILE holds no token");
  refused(ask_as(url, {{"LOCKABLE_HTTP_TOKEN_FILE", "/nowhere/token"}}),
          "LOCKABLE_HTTP_TOKEN_FILE: cannot open /nowhere/token");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpIdentityTest, AUserInTheUrlOrInNetrc) {
  const HttpServer server(folder_.path());
  const std::string path = "/basic/ann:hunter2/resources.json";
  EXPECT_EQ(ask(server.url(path, "ann:hunter2")).out, "b1\n");
  const std::string netrc = "machine 127.0.0.1 login ann password hunter2\n";
  EXPECT_EQ(ask_as(server.url(path), {{"LOCKABLE_HTTP_NETRC", folder_.write("my netrc", netrc)}}).out,
            "b1\n");
  EXPECT_EQ(ask(server.url(path)).exit_code, 74);
  folder_.write(".netrc", netrc);
  EXPECT_EQ(ask(server.url(path)).out, "b1\n");
  refused(ask_as(server.url("/file/resources.json"), {{"LOCKABLE_HTTP_NETRC", "/nowhere/netrc"}}),
          "LOCKABLE_HTTP_NETRC: cannot open");
}

TEST_F(HttpIdentityTest, RedirectsOfTheSameServerKeepTheUser) {
  const HttpServer server(folder_.path());
  EXPECT_EQ(ask(server.url("/redirect/4/resources.json", "ann:hunter2")).out, "b1\n");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 5U);
  for (const auto& request : requests) EXPECT_EQ(authorization(request), "Basic YW5uOmh1bnRlcjI=");
}

TEST_F(HttpIdentityTest, AnotherServerLearnsNothing) {
  const HttpServer server(folder_.path());
  const Other other;
  other.folder.write("resources.json", read_text(folder_ / "resources.json"));
  const std::string target = other.server.url("/file/resources.json", "bob:hunter2");
  folder_.write(".netrc", "default login ann password hunter2\n");
  EXPECT_EQ(ask(server.url("/to?" + target)).out, "b1\n");
  EXPECT_EQ(ask(server.url("/to?" + target, "ann:hunter2")).out, "b1\n");
  EXPECT_EQ(ask_as(server.url("/to?" + target), {{"LOCKABLE_HTTP_TOKEN", "hunter2"}}).out, "b1\n");
  ASSERT_EQ(other.server.requests().size(), 3U);
  for (const auto& request : other.server.requests()) EXPECT_EQ(authorization(request), "none");
  for (const auto& request : server.requests()) EXPECT_NE(authorization(request), "none");
}

class HttpTlsTest : public HttpIdentityTest {
 protected:
  HttpTlsTest() { make_certificates(folder_.path()); }
  std::vector<std::string> tls(const std::string& name) const {
    return {"--tls", folder_ / (name + ".pem"), folder_ / (name + ".key")};
  }
  std::map<std::string, std::string> trusting() const { return {{"LOCKABLE_HTTP_CA", folder_ / "ca.pem"}}; }
};

TEST_F(HttpTlsTest, OnlyWhomWeTrust) {
  const HttpServer server(folder_.path(), tls("good"));
  const std::string url = server.url("/file/resources.json");
  EXPECT_EQ(ask_as(url, trusting()).out, "b1\n");
  refused(ask(url), "certificate");
  refused(ask_as(url, {{"LOCKABLE_HTTP_CA", "/nowhere/ca.pem"}}),
          "LOCKABLE_HTTP_CA: cannot open /nowhere/ca.pem");
  refused(ask_as(url, {{"LOCKABLE_HTTP_CA", folder_.write("no.pem", "no\n")}}), "no.pem");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(HttpTlsTest, AWrongCertificateIsNotTriedAgain) {
  for (const auto& [name, words] : {std::pair("other-host", "matches target host name 'localhost'\n"),
                                    std::pair("expired", "certificate has expired\n")}) {
    const HttpServer server(folder_.path(), tls(name));
    const Ended ended = ask_as(server.url("/file/resources.json", "ann:hunter2"), trusting());
    refused(ended, words);
    EXPECT_FALSE(contains(ended.err, "trying again")) << ended.err;
    EXPECT_TRUE(server.requests().empty());
  }
}

TEST_F(HttpTlsTest, OurOwnCertificateWhereItIsDemanded) {
  std::vector<std::string> options = tls("good");
  options.insert(options.end(), {"--client-ca", folder_ / "ca.pem"});
  const HttpServer server(folder_.path(), options);
  const std::string url = server.url("/file/resources.json");
  auto variables = trusting();
  const Ended without = ask_as(url, variables);
  refused(without, "LOCKABLE_HTTP_CERT");
  EXPECT_FALSE(contains(without.err, "trying again")) << without.err;
  variables["LOCKABLE_HTTP_CERT"] = folder_ / "client.pem";
  variables["LOCKABLE_HTTP_KEY"] = folder_ / "client.key";
  EXPECT_EQ(ask_as(url, variables).out, "b1\n");
  variables["LOCKABLE_HTTP_KEY"] = "";
  variables["LOCKABLE_HTTP_CERT"] =
      folder_.write("both.pem", read_text(folder_ / "client.pem") + read_text(folder_ / "client.key"));
  EXPECT_EQ(ask_as(url, variables).out, "b1\n");
  variables["LOCKABLE_HTTP_KEY"] = folder_ / "good.key";
  refused(ask_as(url, variables), "inventory https://localhost");
}

TEST_F(HttpTlsTest, NoCredentialsFromHttpsToHttp) {
  const HttpServer server(folder_.path(), tls("good"));
  const Other other;
  other.folder.write("resources.json", read_text(folder_ / "resources.json"));
  const std::string path = "/to?" + other.server.url("/file/resources.json");
  auto variables = trusting();
  EXPECT_EQ(ask_as(server.url(path), variables).out, "b1\n");
  refused(ask_as(server.url(path, "ann:hunter2"), variables), "redirected from https:// to http://127.0.0.1");
  variables["LOCKABLE_HTTP_TOKEN"] = "hunter2";
  refused(ask_as(server.url(path), variables), "not followed, since the request carries credentials");
  EXPECT_EQ(other.server.requests().size(), 1U);
}

TEST_F(HttpTlsTest, AnAnswerMayBeLateOverTlsToo) {
  const HttpServer server(folder_.path(), tls("good"));
  refused(ask_as(server.url("/hang"), trusting(), "0"), "no complete answer within 3 s");
}

}  // namespace
}  // namespace lockable::testing
