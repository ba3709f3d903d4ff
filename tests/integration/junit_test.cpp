// `lockablectl junit` on reports of the real ctest and of a real GoogleTest program.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include "ctl_bench.h"
#include "support/bench.h"

namespace lockable::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOddId = "rack 2, \"left\" <b> ä\t";

const std::string kReport =
    "<testsuite><testcase name=\"T\"><system-out>lockable: allocated b1 after 0.003 s on lab (alloc_id 7)\n"
    "</system-out></testcase></testsuite>";

class JUnitTest : public CtlBench {
 protected:
  /// A project with these tests, configured.
  void configure(const std::string& tests) const {
    fs::create_directories(folder_ / "project");
    folder_.write("project/CMakeLists.txt", R"(cmake_minimum_required(VERSION 3.22)
project(bench LANGUAGES NONE)
enable_testing()
add_executable(lockable::command IMPORTED GLOBAL)
set_target_properties(lockable::command PROPERTIES IMPORTED_LOCATION ")" LOCKABLE_COMMAND R"(")
include(")" LOCKABLE_MODULE R"(")
)" + tests);
    const Ended configured = run_here({"cmake", "-G", "Ninja", "-S", "project", "-B", "build"});
    ASSERT_EQ(configured.exit_code, 0) << configured.err;
  }
  /// The report is build/junit.xml.
  Command ctest() const {
    Command command = lockable({});
    command.argv = {"ctest", "--test-dir", "build", "--output-junit", "junit.xml"};
    return command;
  }
  void run_ctest(const std::string& tests, int exit_code) const {
    configure(tests);
    const Ended ended = run(ctest());
    ASSERT_EQ(ended.exit_code, exit_code) << ended.out << ended.err;
  }
  Ended run_here(std::vector<std::string> argv) const {
    Command command = lockable({});
    command.argv = std::move(argv);
    return run(command);
  }
  Json found(const std::string& file) const {
    const Ended ended = run_ctl({"junit", "--json", file});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return Json::parse(ended.out).at(0).at("tests");
  }
  std::string report() const { return folder_ / "build/junit.xml"; }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      result.push_back(entry.path().filename());
    return result;
  }
};

// What follows the test case's start tag, up to its end.
std::string test_case(const std::string& xml, const std::string& name) {
  const auto start = xml.find("<testcase name=\"" + name + "\"");
  EXPECT_NE(start, xml.npos) << xml;
  return xml.substr(start, xml.find("</testcase>", start) - start);
}

std::string property(const std::string& name, const std::string& value) {
  return "<property name=\"" + name + "\" value=\"" + value + "\"/>";
}

TEST_F(JUnitTest, CTestsReportTellsTheHardware) {
  write_inventory(Json({{{"id", "b1"}, {"hostname", this_host()}, {"online", true}},
                        {{"id", kOddId}, {"hostname", this_host()}, {"online", true}}})
                      .dump());
  run_ctest(R"(
    lockable_add_test(NAME passes COMMAND seq 1 1000 REQUIREMENTS "id=b1")
    lockable_add_test(NAME fails COMMAND false REQUIREMENTS "id=b1")
    lockable_add_test(NAME odd COMMAND true REQUIREMENTS "id=b1" [=[{"id":{"$regex":"^rack"}}]=])
    add_test(NAME plain COMMAND echo hello))",
            8);
  const std::string before = read_text(report());
  const Json tests = found(report());
  ASSERT_EQ(tests.size(), 3U) << tests;
  EXPECT_EQ(tests[0]["test"], "passes");
  EXPECT_EQ(tests[1]["test"], "fails");
  EXPECT_EQ(tests[2]["resources"], (Json{"b1", kOddId}));
  EXPECT_EQ(tests[2]["alloc_ids"].size(), 2U);
  EXPECT_TRUE(tests[2]["queue_time_ms"].is_number());

  const std::string after = read_text(report());
  for (const char* name : {"passes", "fails"}) {
    const std::string xml = test_case(after, name);
    EXPECT_TRUE(contains(xml, property("lockable_resource", "b1"))) << xml;
    EXPECT_TRUE(contains(xml, property("lockable_host", tests[0]["host"]))) << xml;
    EXPECT_TRUE(std::regex_search(xml, std::regex("\"lockable_queue_time_ms\" value=\"\\d+\""))) << xml;
    EXPECT_TRUE(std::regex_search(xml, std::regex("\"lockable_alloc_id\" value=\"[0-9a-f]{32}\""))) << xml;
  }
  EXPECT_TRUE(contains(test_case(after, "odd"),
                       property("lockable_resource", "rack 2, &quot;left&quot; &lt;b&gt; ä&#9;")))
      << after;
  EXPECT_EQ(test_case(after, "plain"), test_case(before, "plain"));
  EXPECT_EQ(std::regex_replace(
                after, std::regex("\t\t<properties>(\n\t\t\t<property [^\n]*)*\n\t\t</properties>\n"), ""),
            before);
}

TEST_F(JUnitTest, ASecondTimeChangesNothing) {
  run_ctest(R"(lockable_add_test(NAME one COMMAND true REQUIREMENTS "id=b1"))", 0);
  const Json first = found(report());
  const std::string once = read_text(report());
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(report().c_str(), &before), 0);
  EXPECT_EQ(found(report()), first);
  EXPECT_EQ(read_text(report()), once);
  ASSERT_EQ(::stat(report().c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);  // not even written
}

// CTest keeps the first 1024 bytes of what a test that passed printed.
TEST_F(JUnitTest, WhatWasSaidWhileWaitingHidesNothing) {
  configure(R"(lockable_add_test(NAME waits COMMAND seq 1 2000 REQUIREMENTS "id=b1"))");
  const auto held = holder({"--requirements", "id=b1", "--note", std::string(1100, 'x')}, "exec sleep 600");
  Process tests(ctest());
  await_queue(1);
  held->kill(SIGTERM);
  EXPECT_EQ(tests.wait().exit_code, 0);
  EXPECT_EQ(found(report()).size(), 1U) << read_text(report());
}

TEST_F(JUnitTest, ManyResourcesAreToldAll) {
  Json boards = Json::array();
  for (int i = 0; i < 40; ++i)
    boards.push_back({{"id", "board-" + std::to_string(i)}, {"hostname", this_host()}, {"online", true}});
  write_inventory(boards.dump());
  run_ctest(R"(lockable_add_test(NAME many COMMAND seq 1 2000 REQUIREMENTS "{\"$count\":40}"))", 0);
  const Json tests = found(report());
  ASSERT_EQ(tests.size(), 1U) << read_text(report());
  EXPECT_EQ(tests[0]["resources"].size(), 40U);
  EXPECT_EQ(tests[0]["alloc_ids"].size(), 40U);
}

TEST_F(JUnitTest, GoogleTestsReportGetsTheSameNames) {
  const Ended ended = run_here({RADIO_TEST, "--gtest_filter=Radio.HasIt:Radio.NeedsTwo:*Plain*",
                                "--gtest_output=xml:" + (folder_ / "gtest.xml")});
  ASSERT_EQ(ended.exit_code, 0) << ended.out;
  const std::string before = read_text(folder_ / "gtest.xml");
  const Json tests = found(folder_ / "gtest.xml");
  ASSERT_EQ(tests.size(), 2U) << before;
  EXPECT_EQ(tests[0]["test"], "Radio.HasIt");
  EXPECT_EQ(tests[0]["resources"], Json{"b1"});
  EXPECT_EQ(tests[1]["resources"].size(), 2U);
  const std::string after = read_text(folder_ / "gtest.xml");
  const std::string xml = test_case(after, "HasIt");
  EXPECT_TRUE(contains(xml, property("lockable_resource", "b1"))) << xml;
  EXPECT_TRUE(contains(xml, property("lockable_host", tests[0]["host"]))) << xml;
  EXPECT_TRUE(contains(xml, property("lockable_alloc_id", tests[0]["alloc_ids"][0]))) << xml;
  const std::string two = test_case(after, "NeedsTwo");
  for (const char* id : {"b1", "b2"}) EXPECT_TRUE(contains(two, property("lockable_resource", id))) << two;
  EXPECT_EQ(
      std::regex_replace(after, std::regex(" *<property name=\"lockable_(resource|host)\"[^\n]*\n"), ""),
      before);
}

TEST_F(JUnitTest, TheOthersAreDoneWhenOneIsNoReport) {
  const std::string good = folder_.write("good.xml", kReport);
  const std::string broken = folder_.write("broken.xml", "<testsuite>\n<testcase></testsuite>");
  const std::string page = folder_.write("page.xml", "<html/>");
  const std::string empty = folder_.write("empty.xml", "");
  const Ended ended = run_ctl({"junit", broken, page, empty, folder_ / "missing.xml", good});
  EXPECT_EQ(ended.exit_code, 65);
  EXPECT_TRUE(contains(ended.err, broken + ": line 2, column ")) << ended.err;
  EXPECT_TRUE(contains(ended.err, page + ": line 1, column 1: found <html>")) << ended.err;
  EXPECT_TRUE(contains(ended.err, empty + ": line 1, column 1: it is empty; expected a JUnit report"))
      << ended.err;
  EXPECT_TRUE(contains(ended.err, folder_ / "missing.xml: No such file")) << ended.err;
  EXPECT_EQ(ended.out, good + ": 1 of 1 test cases held hardware\n");
  EXPECT_TRUE(contains(read_text(good), property("lockable_resource", "b1"))) << read_text(good);
  EXPECT_EQ(read_text(broken), "<testsuite>\n<testcase></testsuite>");
  EXPECT_EQ(run_ctl({"junit", folder_ / "missing.xml"}).exit_code, 74);
}

TEST_F(JUnitTest, ModeAndLinksStayAndNothingIsLeftBehind) {
  const std::string file = folder_.write("report.xml", kReport);
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  fs::create_symlink("report.xml", folder_ / "link.xml");
  const std::size_t files = names().size();
  EXPECT_EQ(run_ctl({"junit", folder_ / "link.xml"}).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.xml"));
  EXPECT_TRUE(contains(read_text(file), "lockable_resource"));
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_EQ(names().size(), files);
}

TEST_F(JUnitTest, AFileThatMayNotBeWrittenStays) {
  const std::string file = folder_.write("report.xml", kReport);
  ASSERT_EQ(::chmod(file.c_str(), 0444), 0);
  if (::access(file.c_str(), W_OK) == 0) GTEST_SKIP() << "root may write to it";
  const Ended ended = run_ctl({"junit", file});
  EXPECT_EQ(ended.exit_code, 74);
  EXPECT_TRUE(contains(ended.err, "cannot write " + file + ": Permission denied")) << ended.err;
  EXPECT_EQ(read_text(file), kReport);
}

TEST_F(JUnitTest, WritesElsewhere) {
  const std::string file = folder_.write("report.xml", kReport);
  const std::string other = folder_ / "other.xml";
  EXPECT_EQ(run_ctl({"junit", file, "--output", other}).exit_code, 0);
  EXPECT_EQ(read_text(file), kReport);
  const std::string done = read_text(other);
  EXPECT_TRUE(contains(done, "lockable_resource")) << done;

  EXPECT_EQ(run_ctl({"junit", file, "--output", "-"}).out, done);
  Command piped = ctl({"junit", "-"});
  piped.input = kReport;
  EXPECT_EQ(run(piped).out, done);
  piped = ctl({"junit", "-", "--output", folder_ / "third.xml"});
  piped.input = kReport;
  EXPECT_EQ(run(piped).exit_code, 0);
  EXPECT_EQ(read_text(folder_ / "third.xml"), done);

  const Ended full = run_ctl({"junit", file, "--output", "/dev/full"});
  EXPECT_EQ(full.exit_code, 74);
  EXPECT_TRUE(contains(full.err, "No space left")) << full.err;
}

TEST_F(JUnitTest, WhatCannotBeMeantIsRefused) {
  const std::string file = folder_.write("report.xml", kReport);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"junit"},
                                                    {"junit", file, file, "--output", "x.xml"},
                                                    {"junit", "--json", "-"},
                                                    {"junit", file, "--json", "--output", "-"}})
    EXPECT_EQ(run_ctl(arguments).exit_code, 64) << arguments.back();
  EXPECT_EQ(read_text(file), kReport);
}

}  // namespace
}  // namespace lockable::testing
