#include "allocation/fixture.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "allocation/surrounding.h"
#include "json/read_json.h"
#include "platform/environment.h"
#include "platform/folder.h"

namespace lockable {
namespace {

constexpr const char* kEnd = ".json";
constexpr std::size_t kLimit = std::size_t{256} * 1024 * 1024;

std::vector<std::string> folders() try {
  const std::string text = platform::environment_variable("LOCKABLE_FIXTURES");
  return text.empty() ? std::vector<std::string>() : read_json(text).get<std::vector<std::string>>();
} catch (const std::exception&) {
  return {};
}

std::optional<Fixture> find(const std::string& path, const std::vector<platform::ProcessKey>& ancestors) try {
  const auto folder = platform::Folder::open(path);
  for (const platform::ProcessKey& ancestor : ancestors) {
    const std::string name = fixture_file_name(ancestor);
    const auto file = folder.open_if_there(name, platform::Access::kRead);
    if (file) return read_fixture(platform::read_start(file.get(), kLimit, folder.path_of(name)));
  }
  return std::nullopt;
} catch (const platform::SystemError&) {
  return std::nullopt;
}

template <typename Number>
bool take(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

}  // namespace

std::vector<Fixture> required_fixtures() {
  std::vector<Fixture> result;
  const std::vector<std::string> paths = folders();
  if (paths.empty()) return result;
  const std::vector<platform::ProcessKey> ancestors = platform::ancestors();
  for (const std::string& path : paths)
    if (auto fixture = find(path, ancestors)) result.push_back(std::move(*fixture));
  return result;
}

std::vector<std::string> requirements_of(const std::vector<Fixture>& fixtures) {
  std::vector<std::string> result;
  std::set<std::string> roles;
  for (const Fixture& fixture : fixtures) {
    for (const Json& element : fixture.allocations) {
      Json query{
          {"id", element.at("resource").value("id", Json())}, {"hostname", nullptr}, {"online", nullptr}};
      const std::string role = element.value("role", "");
      if (!role.empty() && roles.insert(role).second) query["$as"] = role;
      const Json asked = element.value("requirements", Json::object());
      if (asked.contains("$slots")) query["$slots"] = asked["$slots"];
      result.push_back(query.dump());
    }
  }
  return result;
}

std::string fixture_file_name(const platform::ProcessKey& ctest) {
  return fmt::format("{}-{}{}", ctest.pid, ctest.start_time, kEnd);
}

std::optional<platform::ProcessKey> ctest_of(const std::string& file_name) {
  platform::ProcessKey ctest;
  std::string_view rest = file_name;
  if (!take(rest, ctest.pid) || rest.substr(0, 1) != "-") return std::nullopt;
  rest.remove_prefix(1);
  if (!take(rest, ctest.start_time) || rest != kEnd) return std::nullopt;
  return ctest;
}

std::optional<Fixture> read_fixture(const std::string& text) try {
  const Json read = read_json(text);
  Fixture fixture;
  fixture.name = read.at("fixture").get<std::string>();
  fixture.skipped = read.value("skipped", "");
  if (!fixture.skipped.empty()) return fixture;
  fixture.holder = {read.at("holder").at("pid").get<int>(),
                    read.at("holder").at("start_time").get<std::uint64_t>()};
  for (const Json& element : read.at("allocations"))
    if (describes_allocation(element)) fixture.allocations.push_back(element);
  return fixture;
} catch (const std::exception&) {
  return std::nullopt;
}

std::string fixture_text(const Fixture& fixture) {
  Json text{{"fixture", fixture.name}};
  if (!fixture.skipped.empty()) {
    text["skipped"] = fixture.skipped;
  } else {
    text["holder"] = {{"pid", fixture.holder.pid}, {"start_time", fixture.holder.start_time}};
    text["allocations"] = fixture.allocations;
  }
  return text.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lockable
