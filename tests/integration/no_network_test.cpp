// A program that needs no network never loads libcurl.
#include "integration/http_bench.h"

namespace lockable::testing {
namespace {

class NoNetworkTest : public HttpBench {
 protected:
  /// What `lockable` has loaded while its command runs.
  std::string loaded_with(const std::string& resources) const {
    const Ended ended = run(lockable_with(resources, {"--", "sh", "-c", "cat /proc/$PPID/maps"}));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_TRUE(contains(ended.out, "libc.so")) << ended.out;
    return ended.out;
  }
};

TEST_F(NoNetworkTest, TheCommandLoadsLibcurlForAUrlOnly) {
  const HttpServer server(folder_.path());
  EXPECT_FALSE(contains(loaded_with(folder_ / "resources.json"), "libcurl"));
  EXPECT_TRUE(contains(loaded_with(server.url("/file/resources.json")), "libcurl.so.4"));
}

TEST_F(NoNetworkTest, NoProgramIsLinkedWithIt) {
  for (const char* program : {LOCKABLE_COMMAND, LOCKABLECTL, RADIO_TEST}) {
    Command ldd;
    ldd.argv = {"ldd", program};
    const Ended ended = run(ldd);
    EXPECT_TRUE(contains(ended.out, "libc.so")) << ended.out << ended.err;
    EXPECT_FALSE(contains(ended.out, "curl")) << ended.out;
  }
}

TEST_F(NoNetworkTest, ATestProgramDoesNotLoadIt) {
  Command program = lockable_with("", {});
  program.argv = {RADIO_TEST, "--gtest_filter=Radio.HasIt",
                  "--lockable_resources=" + (folder_ / "resources.json")};
  program.env["LD_DEBUG"] = "files";
  const Ended ended = run(program);
  EXPECT_EQ(ended.exit_code, 0) << ended.out;
  EXPECT_TRUE(contains(ended.err, "libc.so")) << ended.err;
  EXPECT_FALSE(contains(ended.err, "curl")) << ended.err;
}

TEST_F(NoNetworkTest, WithoutLibcurlAUrlSaysWhatToInstall) {
  folder_.write("libcurl.so.4", "");  // stands before the system's, and is none
  Command command = lockable_with("http://ann:hunter2@127.0.0.1/boards", {"--", "true"});
  command.env["LD_LIBRARY_PATH"] = folder_.path();
  const Ended ended = run(command);
  EXPECT_EQ(ended.exit_code, 74);
  EXPECT_TRUE(contains(
      ended.err, "inventory http://***@127.0.0.1/boards: needs libcurl 7.66 or later; please install it"))
      << ended.err;
  command.argv[2] = folder_ / "resources.json";
  EXPECT_EQ(run(command).exit_code, 0);
}

}  // namespace
}  // namespace lockable::testing
