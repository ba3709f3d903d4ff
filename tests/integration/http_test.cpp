// Inventories behind a URL, shown with a real server that answers well, badly or not at all.
#include <lockable/version.h>
#include <signal.h>

#include <chrono>

#include "integration/http_bench.h"

namespace lockable::testing {
namespace {

using namespace std::chrono_literals;

class HttpTest : public HttpBench {
 protected:
  /// The server fails as it should: with that exit code and these words.
  void fails(const std::string& path, int exit_code, const std::string& words,
             const std::string& timeout = "20") const {
    const Ended ended = ask(server_.url(path, "ann:hunter2") + "?key=hunter2", timeout);
    EXPECT_EQ(ended.exit_code, exit_code) << path << ended.out << ended.err;
    EXPECT_TRUE(contains(ended.err, words)) << path << ": " << ended.err;
    EXPECT_TRUE(contains(ended.err, "inventory http://***@127.0.0.1")) << ended.err;
    EXPECT_FALSE(contains(ended.out + ended.err, "hunter2")) << ended.out << ended.err;
  }

  HttpServer server_{folder_.path()};
};

TEST_F(HttpTest, GivesAResource) {
  const Ended ended = ask(server_.url("/file/resources.json"));
  EXPECT_EQ(ended.out, "b1\n") << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(server_.requests().at(0).at("headers").at("User-Agent"),
            std::string("lockable/") + LOCKABLE_VERSION);
}

TEST_F(HttpTest, CompressedInPiecesAndRedirected) {
  for (const char* path : {"/gzip/resources.json", "/pieces/resources.json", "/plain/resources.json",
                           "/redirect/5/resources.json"}) {
    const Ended ended = ask(server_.url(path));
    EXPECT_EQ(ended.out, "b1\n") << path << ended.err;
  }
}

TEST_F(HttpTest, ErrorsAtFirstAreWaitedOut) {
  for (const char* path :
       {"/first/1/503/resources.json", "/first/1/429/resources.json", "/drop/1/resources.json"}) {
    const Ended ended = ask(server_.url(path));
    EXPECT_EQ(ended.out, "b1\n") << path << ended.err;
    EXPECT_TRUE(contains(ended.err, "; trying again in 1 s")) << ended.err;
  }
}

TEST_F(HttpTest, WaitsAsLongAsTheServerAsks) {
  const auto start = std::chrono::steady_clock::now();
  const Ended ended = ask(server_.url("/first/1/503/resources.json?2"));
  EXPECT_EQ(ended.out, "b1\n") << ended.err;
  EXPECT_TRUE(contains(ended.err, "HTTP status 503 (Service Unavailable); trying again in 2 s")) << ended.err;
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2s);
}

TEST_F(HttpTest, AWaitBeyondTheTimeoutIsNotBegun) {
  const Ended seconds = ask(server_.url("/status/503?100"));
  EXPECT_EQ(seconds.exit_code, 74);
  EXPECT_TRUE(contains(
      seconds.err,
      "HTTP status 503 (Service Unavailable); 1 try, and the next, as the server asks in 100 s, would "
      "come after the timeout"))
      << seconds.err;
  const Ended date = ask(server_.url("/status/429?date=100"));
  EXPECT_EQ(date.exit_code, 74);
  EXPECT_TRUE(contains(date.err, "as the server asks in ")) << date.err;
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(HttpTest, WithoutTimeToWaitThereIsOneTry) {
  fails("/status/503", 74, "HTTP status 503 (Service Unavailable); 1 try\n", "0");
  EXPECT_EQ(server_.requests().size(), 1U);
  EXPECT_EQ(ask(server_.url("/file/resources.json"), "0").out, "b1\n");
}

TEST_F(HttpTest, NoAnswerEndsInTime) {
  fails("/hang", 74, "no complete answer within 3 s, which is all the time there was; 1 try\n", "0");
  fails("/hang", 74, "; 1 try\n", "0.9");
  fails("/slow", 74, "; 1 try\n", "0.9");
}

TEST_F(HttpTest, ASignalEndsWaitingForAnAnswerAndForTheNextTry) {
  Process asking(lockable_with(server_.url("/hang"), {"--", "true"}));
  server_.await_count(0, 1);
  asking.kill(SIGINT);
  const Ended asked = asking.wait(10s);
  EXPECT_EQ(asked.exit_code, 128 + SIGINT) << asked.err;
  EXPECT_TRUE(contains(asked.err, "interrupted while waiting for the inventory http://127.0.0.1"))
      << asked.err;

  Process waiting(lockable_with(server_.url("/status/503?100"), {"--", "true"}));
  waiting.await_output("trying again in 100 s");
  waiting.kill(SIGTERM);
  EXPECT_EQ(waiting.wait(10s).exit_code, 128 + SIGTERM);
}

TEST_F(HttpTest, RedirectsHaveLimits) {
  fails("/redirect/6/resources.json", 74, "more than 5 redirects, the last one to http://***@127.0.0.1");
  fails("/loop", 74, "more than 5 redirects");
  for (const char* to : {"ftp://ann:hunter2@127.0.0.1/", "file:///etc/passwd"}) {
    const Ended ended = ask(server_.url("/to?") + to);
    EXPECT_EQ(ended.exit_code, 74);
    EXPECT_TRUE(contains(ended.err, "neither http:// nor https://")) << ended.err;
    EXPECT_FALSE(contains(ended.err, "hunter2")) << ended.err;
  }
}

TEST_F(HttpTest, TooLargeIsStoppedWhileItComes) {
  for (const char* path : {"/huge", "/declared", "/bomb"})
    fails(path, 74, "the answer is larger than the limit of 67108864 bytes", "100");
}

TEST_F(HttpTest, WrongAnswers) {
  fails("/short/resources.json", 74, "transfer closed with 10 bytes remaining", "0");
  fails("/long/resources.json", 65, "line 1, column");
  fails("/garbage", 74, "HTTP/0.9");
  fails("/status/404", 74, "HTTP status 404 (Not Found)\n");
  fails("/status/401", 74, "HTTP status 401 (Unauthorized) (LOCKABLE_HTTP_TOKEN");
  fails("/status/204", 74, "HTTP status 204");
  fails("/status/304", 74, "HTTP status 304 (Not Modified)\n");
}

TEST_F(HttpTest, WhatComesIsReadLikeAFile) {
  write_inventory("[\n  {\"id\"; 1}\n]");
  fails("/file/resources.json", 65, "line 2, column 8");
  write_inventory(R"([{"serial": 1}])");
  fails("/file/resources.json", 65, "element 0 has no \"id\"");
  write_inventory("");
  fails("/file/resources.json", 65, "is empty");
}

TEST_F(HttpTest, NobodyThere) {
  int port = 0;
  {
    const HttpServer gone(folder_.path());
    port = gone.port();
  }
  const Ended refused = ask("http://ann:hunter2@127.0.0.1:" + std::to_string(port) + "/", "0");
  EXPECT_EQ(refused.exit_code, 74);
  EXPECT_TRUE(contains(refused.err, "Failed to connect to 127.0.0.1")) << refused.err;
  const Ended unknown = ask("http://ann:hunter2@lab.invalid/", "0");
  EXPECT_EQ(unknown.exit_code, 74) << unknown.err;
  const Ended malformed = ask("http://ann:hunter2/3@lab.invalid/", "0");
  EXPECT_EQ(malformed.exit_code, 74) << malformed.err;
  EXPECT_FALSE(contains(refused.err + unknown.err + malformed.err, "hunter2"))
      << refused.err << unknown.err << malformed.err;
}

TEST_F(HttpTest, TheProxyOfTheEnvironmentIsUsed) {
  Command command =
      lockable_with("http://lab.invalid/boards", {"--timeout", "0", "--", "sh", "-c", "echo $ID"});
  command.env["http_proxy"] = server_.url("");
  const Ended ended = run(command);
  EXPECT_EQ(ended.out, "b1\n") << ended.err;
  EXPECT_EQ(server_.requests().at(0).at("path"), "http://lab.invalid/boards");
}

TEST_F(HttpTest, TheOtherCommandsTakeAUrlToo) {
  Command validate = lockable_with(server_.url("/file/resources.json", "ann:hunter2"), {"--validate-only"});
  EXPECT_EQ(run(validate).out, "http://***@127.0.0.1:" + std::to_string(server_.port()) +
                                   "/file/resources.json: valid, 1 resource\n");
  Command list = lockable_with(server_.url("/file/resources.json"), {});
  list.argv = {LOCKABLECTL, "list", "--resources", server_.url("/file/resources.json")};
  EXPECT_TRUE(contains(run(list).out, "b1 "));
  Command program = lockable_with("", {});
  program.argv = {RADIO_TEST, "--gtest_filter=Radio.HasIt",
                  "--lockable_resources=" + server_.url("/file/resources.json")};
  const Ended ended = run(program);
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
}

}  // namespace
}  // namespace lockable::testing
