#include "stores/file/names.h"

#include <fmt/format.h>

namespace lockable::file_store {
namespace {

constexpr std::size_t kLongestId = 251;

bool can_be_a_name(const std::string& id) {
  return id.size() <= kLongestId && id.find('/') == std::string::npos && id.find('\0') == std::string::npos;
}

// FNV-1a (Fowler, Noll, Vo). Two ids with one hash would share a lock: never unsafe.
std::uint64_t fnv1a(const std::string& text, std::uint64_t start) {
  std::uint64_t hash = start;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

std::uint64_t hash_of(const std::string& resource_id) { return fnv1a(resource_id, 0xcbf29ce484222325ULL); }

bool is_hashed(const std::string& pid_file_name) { return pid_file_name.find('/') != std::string::npos; }

std::string pid_file_name(const std::string& resource_id) {
  if (can_be_a_name(resource_id)) return resource_id + ".pid";
  return fmt::format("{}/{}/{:016x}{:016x}.pid", kOwnFolder, kHashedFolder, hash_of(resource_id),
                     fnv1a(resource_id, 0x84222325cbf29ce4ULL));
}

}  // namespace lockable::file_store
