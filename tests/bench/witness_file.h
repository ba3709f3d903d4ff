/// \file
/// Proof that a resource has one user at a time, which knows nothing of the lock under test.
///
/// Who believes to hold a resource makes a symbolic link in the witness folder, named like the resource,
/// whose text says who it is: "pid starttime". symlink(2) makes it whole or fails with EEXIST, so that there
/// is no moment at which a killed process leaves half a witness. A link that is there already is an overlap,
/// unless its maker is dead: it was killed while it held. py_protocol.py does the same.
#pragma once

#include <string>

namespace lockable::bench {

/// One process's witness on one resource. One thread.
class WitnessFile {
 public:
  WitnessFile(const std::string& folder, const std::string& resource_id);

  enum class Entered { kAlone, kAfterAKill, kOverlap };
  /// Call it right after the lock was had. After kOverlap, who() tells the other one. Throws
  /// std::system_error when the folder cannot be used.
  Entered enter();
  /// Call it right before the unlock. False: somebody else came meanwhile. After kOverlap it does nothing:
  /// the witness is the other one's.
  bool leave();
  /// Whoever was in our place: "pid starttime", or empty.
  const std::string& who() const { return who_; }

 private:
  std::string path_;
  std::string self_;
  std::string who_;
  bool ours_ = false;
};

/// True when that process, "pid starttime", runs none of its code any more: it is gone, a zombie, or has
/// entered exit (its flocks go before it becomes a zombie).
bool is_dead(const std::string& who);

}  // namespace lockable::bench
