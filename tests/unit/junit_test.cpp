// What `lockablectl junit` makes of reports, to the byte.
#include <gtest/gtest.h>

#include "cli/ctl/junit_text.h"

namespace lockable::cli {
namespace {

const std::string kLine =
    "lockable: allocated b1, \"a, &lt;\" after 0.003 s on lab-1 (alloc_id 0f3c, 9a41)\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << text << " has no " << from;
  return text.replace(at, from.size(), to);
}

std::string problem(const std::string& text) try {
  add_hardware(text);
  return "none";
} catch (const InvalidReport& error) {
  return error.what();
}

bool begins(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

TEST(JUnitText, CTestsTestCaseGetsProperties) {
  const std::string text = R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name='a>b'
	tests="2"
	>
	<testcase name="radio" classname="radio" time="1.0" status="run">
		<system-out>warning
)" + kLine + R"(more &#x20; <![CDATA[<x>]]></system-out>
	</testcase>
	<!-- <testcase> -->
	<testcase name="none" classname="none"><system-out>lockable: allocated b1 after</system-out></testcase>
</testsuite>
)";
  const Report report = add_hardware(text);
  EXPECT_EQ(report.text, replaced(text, "status=\"run\">", R"(status="run">
		<properties>
			<property name="lockable_resource" value="b1"/>
			<property name="lockable_resource" value="a, &lt;"/>
			<property name="lockable_host" value="lab-1"/>
			<property name="lockable_queue_time_ms" value="3"/>
			<property name="lockable_alloc_id" value="0f3c,9a41"/>
		</properties>)"));
  EXPECT_EQ(report.tests, 2U);
  ASSERT_EQ(report.held.size(), 1U);
  EXPECT_EQ(report.held[0].test, "radio");
  EXPECT_EQ(report.held[0].resources, (std::vector<std::string>{"b1", "a, <"}));
  EXPECT_EQ(report.held[0].queue_time_ms, 3);
  EXPECT_EQ(add_hardware(report.text).text, report.text);
  EXPECT_EQ(add_hardware(report.text).held.size(), 1U);
}

TEST(JUnitText, PropertiesThatAreThereStay) {
  const std::string text = "<testsuite>\r\n <testcase name=\"a\">\r\n  <properties/>\r\n  <system-out>" +
                           kLine + "</system-out></testcase></testsuite>";
  const Report report = add_hardware(text);
  EXPECT_TRUE(
      report.text.find("  <properties>\r\n    <property name=\"lockable_resource\" value=\"b1\"/>\r\n") !=
      report.text.npos)
      << report.text;
  EXPECT_TRUE(report.text.find("/>\r\n  </properties>\r\n  <system-out>") != report.text.npos) << report.text;
  EXPECT_EQ(add_hardware(report.text).text, report.text);
  const std::string own =
      replaced(text, "<properties/>", R"(<properties><property name="lockable_resource" value="x"/>
</properties>)");
  EXPECT_EQ(add_hardware(own).text.find("\"b1\""), std::string::npos);
}

TEST(JUnitText, GoogleTestsTestCaseGetsWhatItLacks) {
  const std::string text =
      R"(<testsuites><testsuite name="S"><testcase name="T" classname="S"><properties>)"
      R"(<property name="lockable_alloc_id" value="1,2"/>)"
      R"(<property name="lockable_queue_time_ms" value="0.965"/>)"
      R"-(<property name="lockable_allocated" value="b1, &quot;b 2&quot; after 0.001 s on h (alloc_id 1, 2)"/>)-"
      R"(</properties></testcase></testsuite></testsuites>)";
  const Report report = add_hardware(text);
  EXPECT_EQ(
      report.text,
      replaced(
          text, "<properties>",
          R"(<properties><property name="lockable_resource" value="b1"/>)"
          R"(<property name="lockable_resource" value="b 2"/><property name="lockable_host" value="h"/>)"));
  ASSERT_EQ(report.held.size(), 1U);
  EXPECT_EQ(report.held[0].test, "S.T");
  EXPECT_EQ(report.held[0].queue_time_ms, 0.965);
}

TEST(JUnitText, OldGoogleTestHasAttributes) {
  const std::string text =
      R"(<testsuite><testcase name="T" resource_id="b'1" lockable_alloc_id="7" note='/>' /></testsuite>)";
  EXPECT_EQ(
      add_hardware(text).text,
      R"(<testsuite><testcase name="T" resource_id="b'1" lockable_alloc_id="7" note='/>' ><properties>)"
      R"(<property name="lockable_resource" value="b'1"/><property name="lockable_alloc_id" value="7"/>)"
      R"(</properties></testcase></testsuite>)");
  const std::string not_ours = R"(<testsuite><testcase name="T" resource_id="b1"/></testsuite>)";
  EXPECT_EQ(add_hardware(not_ours).text, not_ours);
}

TEST(JUnitText, AnIdThatXmlCannotHoldIsAJsonString) {
  const std::string text =
      R"-(<testsuite><testcase name="T"><system-out>lockable: allocated "\u001b", "a\tb" after 0.000 s on h (alloc_id 1)
</system-out></testcase></testsuite>)-";
  const Report report = add_hardware(text);
  EXPECT_NE(report.text.find(R"(value="&quot;\u001b&quot;")"), std::string::npos) << report.text;
  EXPECT_NE(report.text.find(R"(value="a&#9;b")"), std::string::npos) << report.text;
  EXPECT_EQ(report.held.at(0).resources, (std::vector<std::string>{"\x1b", "a\tb"}));
}

TEST(JUnitText, TheFirstLineCountsAndOnlyAsALine) {
  const auto found = [](const std::string& output) {
    const Report report = add_hardware("<testsuite><testcase name=\"T\"><system-out>" + output +
                                       "</system-out></testcase></testsuite>");
    return report.held.empty() ? "" : report.held[0].resources.at(0);
  };
  EXPECT_EQ(found("x lockable: allocated b1 after 0.000 s on h (alloc_id 1)"), "");
  EXPECT_EQ(found("lockable: allocated b1\nlockable: allocated b2 after 0.000 s on h (alloc_id 1)"), "b2");
  EXPECT_EQ(found("lockable: allocated b1 after 0.000 s on h (alloc_id 1)\nlockable: allocated b2 after "
                  "0.000 s on h (alloc_id 1)"),
            "b1");
  EXPECT_EQ(found("<![CDATA[lockable: alloc]]><![CDATA[ated b1 after 0.000 s on h (alloc_id 1)]]>"), "b1");
}

TEST(JUnitText, AMarkOfTheByteOrderMovesNothing) {
  const std::string text = "\xef\xbb\xbf<testsuite>ä<testcase name=\"ä\"><system-out>" + kLine +
                           "</system-out></testcase></testsuite>";
  EXPECT_NE(add_hardware(text).text.find("<testcase name=\"ä\"><properties><property"), std::string::npos);
}

TEST(JUnitText, WhatIsNoReportIsNamedWithItsPlace) {
  EXPECT_TRUE(begins(problem(""), "line 1, column 1: it is empty; expected a JUnit report"));
  EXPECT_TRUE(begins(problem("<testsuite>\n <testcase>\n</testsuite>"), "line 3, column "))
      << problem("<testsuite>\n <testcase>\n</testsuite>");
  EXPECT_TRUE(begins(problem("<testsuite name=\"a"), "line 1, column "));
  EXPECT_TRUE(begins(problem("<!-- -->\n<html></html>"),
                     "line 2, column 1: found <html> in the place of <testsuites> or <testsuite>"))
      << problem("<!-- -->\n<html></html>");
  EXPECT_TRUE(begins(problem("plain text"), "line 1, column "));
  EXPECT_TRUE(
      begins(problem(std::string("<testsuite>\0</testsuite>", 24)), "line 1, column 12: there is a byte 0"));
  EXPECT_TRUE(begins(problem("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><testsuite/>"),
                     "line 1, column 1: its encoding is ISO-8859-1, not UTF-8"));
  EXPECT_TRUE(
      begins(problem(std::string("\xff\xfe<\0a\0/\0>\0", 10)), "line 1, column 1: its encoding is UTF-16"));
  EXPECT_EQ(problem("<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites/>"), "none");
}

TEST(JUnitText, DepthDoesNotMatter) {
  const int depth = 200000;
  std::string text;
  for (int i = 0; i < depth; ++i) text += "<testsuite>";
  text += "<testcase name=\"T\" resource_id=\"b1\" lockable_alloc_id=\"7\"/>";
  for (int i = 0; i < depth; ++i) text += "</testsuite>";
  EXPECT_EQ(add_hardware(text).held.size(), 1U);
}

}  // namespace
}  // namespace lockable::cli
