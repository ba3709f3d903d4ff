/// \file
/// What stands in `<id>.pid`, and what that says about its holder.
///
/// The first line is the holder's pid in decimal (all that py-lockable reads), the second a JSON object about
/// the holder: Hold::owner plus `resource_id`, `alloc_id` and `fencing_token`. A reservation has pid 1 and
/// `"reserved": true`: py-lockable finds pid 1 alive and keeps away. Anything else without flock is nobody's.
/// Where several share the resource (`"shared": true`) the second line is about the first of them; what is
/// known of each stands further behind (slots.h).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "platform/file.h"

namespace lockable::file_store {

using Json = nlohmann::json;

/// How much of a pid file is read.
constexpr std::size_t kPidFileLimit = std::size_t{64} * 1024;

struct PidFile {
  bool empty = true;  ///< also when only the first line is, as for py-lockable
  long pid = 0;       ///< 0 when the first line is no number of a process
  Json record;        ///< the second line when it is ours and about this pid, else null
};

/// Reads any text; never throws.
PidFile parse_pid_file(std::string_view text);

/// Both lines: the record's own pid, and the record. And the record alone, as one line without its end. Long
/// texts in it are cut.
std::string pid_file_text(Json record);
std::string record_text(Json record);

/// What a released file starts with while it still has its name: a py-lockable that opened it before sees a
/// living pid and tries again. The second line is empty: of one who had pid 1 nothing would change else.
constexpr std::string_view kReleased = "1\n\n";
/// What a file that was released starts with when it is taken again, until its holder is written.
constexpr std::string_view kNobody = "\n";

/// Is the resource taken although nobody has the flock? True for a reservation, and for a living process
/// other than us: py-lockable between its close and its remove. A pid is dead when the process is gone, a
/// zombie, or started after the file was written; of another boot or pid namespace, the flock alone counts,
/// as it does for what was shared.
bool taken_without_flock(const PidFile& file, const platform::FileStatus& status);

/// Whether it is about one of several who share the resource.
bool is_shared(const PidFile& file);

/// Whether it says that the resource is reserved, and whether it still is.
bool is_reservation(const PidFile& file);
bool is_reserved(const PidFile& file, WallTime now);

}  // namespace lockable::file_store
