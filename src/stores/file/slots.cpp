#include "stores/file/slots.h"

#include <algorithm>

#include "json/read_json.h"
#include "platform/byte_locks.h"
#include "platform/file.h"
#include "stores/file/pid_file.h"

namespace lockable::file_store {
namespace {

constexpr std::uint64_t kFirstByte = std::uint64_t{1} << 48U;  // far behind all text
constexpr std::uint64_t kRecordSize = std::uint64_t{32} * 1024;

std::uint64_t byte_of(int slot) { return kFirstByte + static_cast<std::uint64_t>(slot); }
std::uint64_t record_of(int slot) { return kPidFileLimit + static_cast<std::uint64_t>(slot) * kRecordSize; }

}  // namespace

std::vector<int> try_take_slots(int fd, int wanted, int capacity, const std::string& path) {
  std::vector<int> slots;
  for (int slot = 0; slot < capacity && static_cast<int>(slots.size()) < wanted; ++slot)
    if (platform::try_lock_byte(fd, byte_of(slot), path)) slots.push_back(slot);
  if (static_cast<int>(slots.size()) == wanted) return slots;
  give_back_slots(fd, slots);
  return {};
}

void give_back_slots(int fd, const std::vector<int>& slots) noexcept {
  for (const int slot : slots) platform::unlock_byte(fd, byte_of(slot));
}

std::vector<int> slots_of_others(int fd, const std::string& path) {
  std::vector<int> slots;
  std::vector<platform::ByteRange> open{{kFirstByte, kFirstByte + kMostSlots}};
  while (!open.empty()) {
    const platform::ByteRange range = open.back();
    open.pop_back();
    if (range.begin >= range.end) continue;
    const auto locked = platform::locked_by_others(fd, range, path);  // any of them, not the first
    if (!locked) continue;
    for (std::uint64_t at = locked->begin; at < locked->end; ++at)
      slots.push_back(static_cast<int>(at - kFirstByte));
    open.push_back({range.begin, locked->begin});
    open.push_back({locked->end, range.end});
  }
  std::sort(slots.begin(), slots.end());
  return slots;
}

void write_slot_record(int fd, int slot, const std::string& text, const std::string& path) {
  if (!platform::overwrite(fd, text.substr(0, kRecordSize - 1) + '\0', record_of(slot)))
    platform::throw_errno("cannot write " + path);
}

void clear_slot_record(int fd, int slot) noexcept {
  platform::overwrite(fd, std::string(1, '\0'), record_of(slot));
}

Json read_slot_record(int fd, int slot) noexcept try {
  std::string text(kRecordSize, '\0');
  text.resize(platform::read_some(fd, text.data(), text.size(), record_of(slot)));
  text.resize(std::min(text.find('\0'), text.size()));
  if (text.empty()) return nullptr;
  Json record = read_json(text);
  return record.is_object() ? record : Json();
} catch (const std::exception&) {
  return nullptr;
}

// A holder writes the record when it has the slot already, and clears it while it still has it.
std::map<int, Json> records_of_the_dead(int fd, const std::string& path) {
  const std::uint64_t end = platform::status_of(fd, path).size;
  std::map<int, Json> records;
  for (int slot = 0; slot < kMostSlots && record_of(slot) < end; ++slot)
    if (Json record = read_slot_record(fd, slot); !record.is_null()) records.emplace(slot, std::move(record));
  if (records.empty()) return records;
  for (const int slot : slots_of_others(fd, path)) records.erase(slot);
  for (auto at = records.begin(); at != records.end();)  // given back meanwhile
    at = read_slot_record(fd, at->first).is_null() ? records.erase(at) : std::next(at);
  return records;
}

}  // namespace lockable::file_store
