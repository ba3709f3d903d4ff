#include "stores/file/pid_file.h"

#include <charconv>

#include "json/read_json.h"
#include "platform/identity.h"
#include "platform/named_process.h"
#include "platform/time_text.h"

namespace lockable::file_store {
namespace {

constexpr auto kClockSlack = std::chrono::seconds(1);

long parse_pid(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  int pid = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), pid);
  return error == std::errc() && end == line.data() + line.size() && pid > 0 ? pid : 0;
}

Json parse_record(std::string_view line, long pid) try {
  if (line.empty() || line.front() != '{') return nullptr;
  Json record = read_json(line);
  const bool reserved = record.value("reserved", Json()) == true;
  // A record about another pid: the first line was overwritten by a release that was cut short.
  return reserved || record.value("pid", Json()) == pid ? record : Json();
} catch (const SyntaxError&) {
  return nullptr;
}

bool alive_by_record(const PidFile& file) {
  const auto process = platform::named_process(file.record);
  const auto status = process ? platform::status_of_process(*process) : std::nullopt;
  return status && !status->dead;
}

// py-lockable: no more than the number is known.
bool alive_by_number(const PidFile& file, const platform::FileStatus& status) {
  if (file.pid == 1) return false;  // a release that was cut short
  if (!platform::alive(file.pid)) return false;
  const auto started = platform::started_at(file.pid);
  return !started || *started <= status.modified + kClockSlack;
}

}  // namespace

PidFile parse_pid_file(std::string_view text) {
  PidFile file;
  file.empty = text.empty() || text.front() == '\n';
  const auto first_end = text.find('\n');
  file.pid = parse_pid(text.substr(0, first_end));
  if (first_end == std::string_view::npos) return file;
  const std::string_view rest = text.substr(first_end + 1);
  file.record = parse_record(rest.substr(0, rest.find('\n')), file.pid);
  return file;
}

namespace {

// The record must stay well below kPidFileLimit, and below the room for one of several.
void cut(Json& value) {
  constexpr std::size_t kLongestText = 2048;
  auto* text = value.get_ptr<std::string*>();
  if (text != nullptr && text->size() > kLongestText) *text = text->substr(0, kLongestText) + "…";
}

}  // namespace

std::string record_text(Json record) {
  for (Json& value : record) cut(value);
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string pid_file_text(Json record) {
  const std::string pid = record.value("pid", Json()).dump();
  return pid + "\n" + record_text(std::move(record)) + "\n";
}

bool is_shared(const PidFile& file) {
  return file.record.is_object() && file.record.value("shared", Json()) == true;
}

bool is_reservation(const PidFile& file) {
  return file.record.is_object() && file.record.value("reserved", Json()) == true;
}

bool is_reserved(const PidFile& file, WallTime now) {
  if (!is_reservation(file)) return false;
  const Json until = file.record.value("until", Json());
  const auto end = until.is_string() ? platform::parse_iso8601(until.get<std::string>()) : std::nullopt;
  return !end || now < *end;
}

bool taken_without_flock(const PidFile& file, const platform::FileStatus& status) {
  if (is_reservation(file)) return is_reserved(file, Clock::system()->wall());
  if (is_shared(file)) return false;
  if (file.pid == 0 || file.pid == platform::own_pid()) return false;
  return file.record.is_object() ? alive_by_record(file) : alive_by_number(file, status);
}

}  // namespace lockable::file_store
