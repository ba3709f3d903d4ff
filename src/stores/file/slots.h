/// \file
/// The slots of a resource that several share: bytes of its pid file, one for each slot, locked by who has
/// them (platform/byte_locks.h), beside the LOCK_SH by which py-lockable and requests for the whole resource
/// see it held.
#pragma once

#include <lockable/lock_store.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lockable::file_store {

using Json = nlohmann::json;

/// Takes so many of the slots below `capacity`; empty when there are not enough.
std::vector<int> try_take_slots(int fd, int wanted, int capacity, const std::string& path);
void give_back_slots(int fd, const std::vector<int>& slots) noexcept;

/// The slots that others have. Those of this very descriptor are not among them.
std::vector<int> slots_of_others(int fd, const std::string& path);

/// Who holds them: a record stands in the file at a place of each slot (pid_file.h), written by the one who
/// holds it, for an allocation of several at the first one. A slot given back has none.
void write_slot_record(int fd, int slot, const std::string& text, const std::string& path);
void clear_slot_record(int fd, int slot) noexcept;
/// Null when there is none.
Json read_slot_record(int fd, int slot) noexcept;
/// Those of slots that nobody else holds, by slot: who held them died.
std::map<int, Json> records_of_the_dead(int fd, const std::string& path);

}  // namespace lockable::file_store
