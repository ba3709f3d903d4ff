#include "stores/file/tokens.h"

#include <algorithm>

#include "stores/file/names.h"

namespace lockable::file_store {
namespace {

constexpr std::size_t kSize = 8;
constexpr std::uint64_t kPlaces = 65536;
// A larger number is none of ours (microseconds up to the year 2255), and what JSON readers keep exactly.
constexpr std::uint64_t kMost = std::uint64_t{1} << 53U;

std::string to_bytes(std::uint64_t number) {
  std::string bytes;
  for (std::size_t i = 0; i < kSize; ++i) bytes.push_back(static_cast<char>(number >> (8 * i) & 0xff));
  return bytes;
}

std::uint64_t from_bytes(const std::string& bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

}  // namespace

Tokens::Tokens(const platform::Folder& folder)
    : file_(folder.open_file("tokens", platform::Access::kCreate, platform::OnExec::kClose)) {
  platform::status_of_plain(file_.get(), folder.path_of("tokens"));
}

std::uint64_t Tokens::last(const std::string& resource_id) const noexcept {
  const std::uint64_t found =
      from_bytes(platform::read_part(file_.get(), kSize, hash_of(resource_id) % kPlaces * kSize));
  return found < kMost ? found : 0;
}

std::uint64_t Tokens::next(const std::string& resource_id, WallTime now) const noexcept {
  const auto clock = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  const std::uint64_t token =
      std::max(last(resource_id) + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(clock, 1)));
  platform::overwrite(file_.get(), to_bytes(token), hash_of(resource_id) % kPlaces * kSize);
  return token;
}

}  // namespace lockable::file_store
