/// \file
/// Giving a file a new content in one step: who reads it sees the old one or the new one, whole.
#pragma once

#include <string>
#include <string_view>

namespace lockable::platform {

/// Writes a file beside it and gives that its name; a link stays one. Mode, and owner and group where we may
/// set them, stay; a new file gets 0666 less the umask. What is no regular file (a terminal, a FIFO) is
/// written to. Throws SystemError, with the file as it was: also where we may not write to the file, though
/// we might replace it.
void replace_file(const std::string& path, std::string_view text);

/// Standard input up to its end. Throws SystemError.
std::string read_standard_input();

}  // namespace lockable::platform
