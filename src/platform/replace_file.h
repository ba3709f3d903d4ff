/// \file
/// Writing a file that others read at the same time.
#pragma once

#include <string>
#include <string_view>

namespace lockable::platform {

/// Makes it the whole content of that file, which exists from the old content to the new one without a gap,
/// also when we are killed. Throws SystemError.
void replace_file(const std::string& path, std::string_view text);

}  // namespace lockable::platform
