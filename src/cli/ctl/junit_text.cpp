#include "cli/ctl/junit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <pugixml.hpp>

#include "allocation/allocated_line.h"
#include "cli/ctl/splice.h"

namespace lockable::cli {
namespace {

constexpr const char* kExpected = "expected a JUnit report, as ctest --output-junit and GoogleTest write it";

[[noreturn]] void refuse(const std::string& text, std::size_t offset, const std::string& found) {
  const std::string_view before = std::string_view(text).substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  throw InvalidReport(fmt::format("line {}, column {}: {}; {}", line, column, found, kExpected));
}

bool is_suite(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name == "testsuites" || name == "testsuite";
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// What is put in is UTF-8 and is put where pugixml says that bytes of the text are.
void check_encoding(const std::string& text, const pugi::xml_document& document,
                    const pugi::xml_parse_result& result) {
  std::string encoding;
  for (const pugi::xml_node& node : document.children())
    if (node.type() == pugi::node_declaration) encoding = node.attribute("encoding").value();
  const bool declared = encoding.empty() || lower(encoding) == "utf-8" || lower(encoding) == "utf8";
  if (result.encoding != pugi::encoding_utf8 || !declared)
    refuse(text, 0, fmt::format("its encoding is {}, not UTF-8", declared ? "UTF-16 or UTF-32" : encoding));
}

void load(const std::string& text, pugi::xml_document& document) {
  if (text.empty()) refuse(text, 0, "it is empty");
  const auto result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_declaration);
  check_encoding(text, document, result);
  const auto zero = text.find('\0');
  if (zero != std::string::npos) refuse(text, zero, "there is a byte 0");
  if (!result)
    refuse(text, std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, result.offset)), text.size()),
           result.description());
  const pugi::xml_node root = document.document_element();
  if (!is_suite(root))
    refuse(text, static_cast<std::size_t>(root.offset_debug()) - 1,
           fmt::format("found <{}> in the place of <testsuites> or <testsuite>", root.name()));
}

struct TestCases : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node& node) override {
    if (std::string_view(node.name()) == "testcase" && is_suite(node.parent())) found.push_back(node);
    return true;
  }
  std::vector<pugi::xml_node> found;
};

// Empty when there is none: what we look for is never empty.
std::string property(const pugi::xml_node& test, const char* name) {
  for (const pugi::xml_node& properties : test.children("properties"))
    if (const auto found = properties.find_child_by_attribute("property", "name", name))
      return found.attribute("value").value();
  return test.attribute(name).value();
}

std::optional<Allocated> find_line(std::string_view output) {
  for (auto at = output.find(kAllocatedStart); at != output.npos; at = output.find(kAllocatedStart, at + 1)) {
    if (at != 0 && output[at - 1] != '\n') continue;
    const std::string_view line = output.substr(at, output.find('\n', at) - at);
    if (auto allocated = read_allocated_text(line.substr(kAllocatedStart.size()))) return allocated;
  }
  return std::nullopt;
}

std::optional<Allocated> told(const pugi::xml_node& test) {
  if (auto recorded = read_allocated_text(property(test, "lockable_allocated"))) return recorded;
  for (const pugi::xml_node& output : test.children("system-out")) {
    std::string text;  // CDATA may be in pieces
    for (const pugi::xml_node& part : output.children()) text += part.value();
    if (auto allocated = find_line(text)) return allocated;
  }
  return std::nullopt;
}

std::vector<std::string> split(const std::string& ids) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < ids.size();) {
    const auto end = std::min(ids.find(',', at), ids.size());
    result.push_back(ids.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

std::string test_name(const pugi::xml_node& test) {
  const std::string name = test.attribute("name").value();
  const std::string of = test.attribute("classname").value();
  return of.empty() || of == name ? name : of + "." + name;
}

// What is told exactly to a thousandth of a millisecond elsewhere stays so.
std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<HeldTest> hardware_of(const pugi::xml_node& test) {
  HeldTest held;
  held.test = test_name(test);
  held.queue_time_ms = number(property(test, "lockable_queue_time_ms"));
  if (const auto allocated = told(test)) {
    held.resources = allocated->resource_ids;
    held.host = allocated->host;
    if (!held.queue_time_ms) held.queue_time_ms = static_cast<double>(allocated->queue_time.count());
    held.alloc_ids = allocated->alloc_ids;
    return held;
  }
  const std::string id = property(test, "resource_id");
  held.alloc_ids = split(property(test, "lockable_alloc_id"));
  if (id.empty() || held.alloc_ids.empty()) return std::nullopt;
  held.resources = {id};
  return held;
}

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ",") + id;
  return text;
}

// Those it does not have yet. An attribute is no property.
Properties missing(const pugi::xml_node& test, const HeldTest& held) {
  Properties all;
  for (const std::string& id : held.resources)
    all.emplace_back("lockable_resource", fits_xml(id) ? id : id_in_line(id));
  if (!held.host.empty())
    all.emplace_back("lockable_host", fits_xml(held.host) ? held.host : id_in_line(held.host));
  if (held.queue_time_ms) all.emplace_back("lockable_queue_time_ms", fmt::format("{}", *held.queue_time_ms));
  all.emplace_back("lockable_alloc_id", joined(held.alloc_ids));
  const auto there = [&test](const auto& one) {
    for (const pugi::xml_node& properties : test.children("properties"))
      if (properties.find_child_by_attribute("property", "name", one.first.c_str())) return true;
    return false;
  };
  all.erase(std::remove_if(all.begin(), all.end(), there), all.end());
  return all;
}

}  // namespace

Report add_hardware(const std::string& text) {
  pugi::xml_document document;
  load(text, document);
  TestCases tests;
  document.traverse(tests);
  Report report;
  report.tests = tests.found.size();
  Splice splice(text);
  for (const pugi::xml_node& test : tests.found) {
    const auto held = hardware_of(test);
    if (!held) continue;
    if (const Properties properties = missing(test, *held); !properties.empty()) {
      const auto there = test.child("properties");
      const std::size_t at = static_cast<std::size_t>(test.offset_debug());
      if (there)
        splice.add_properties(static_cast<std::size_t>(there.offset_debug()), properties);
      else
        splice.add_element(at, properties);
    }
    report.held.push_back(*held);
  }
  report.text = splice.result();
  return report;
}

}  // namespace lockable::cli
