/// \file
/// What is left of a folder after the machine's next start.
#pragma once

#include <string>

namespace lockable::platform {

/// Why a reboot empties that folder (an absolute path without links), as the end of a sentence about it;
/// empty when it stays as far as we know. Throws SystemError when the folder cannot be looked at.
std::string emptied_by_reboot(const std::string& folder);

}  // namespace lockable::platform
