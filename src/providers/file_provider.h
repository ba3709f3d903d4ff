/// \file
/// An inventory in a file, read again when it changes.
#pragma once

#include <lockable/provider.h>

#include <memory>
#include <string>

namespace lockable {

/// The file is read with the first call. A change is seen by inode, size or time of modification; for a
/// moment after a change the file is read each time, since a second change within the same tick of the file
/// system's clock would show in none of them. A file that is broken or gone once it was read leaves the last
/// good inventory, with one warning for each new problem.
std::unique_ptr<Provider> make_file_provider(const std::string& path, OnWarning on_warning,
                                             std::shared_ptr<const Clock> clock);

}  // namespace lockable
