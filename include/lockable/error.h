/// \file
/// Everything lockable throws. Messages are for the person who reads a CI log at night: what was asked, what
/// was found, who holds it, what to do next. Values of secret keys never appear in them.
#pragma once

#include <stdexcept>
#include <string>

namespace lockable {

/// The base of every exception of this library. Copying never throws; any thread may read it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The requirements are not well formed: the message names the place and what was expected there. Thrown
/// before anything is locked, whatever the inventory holds. Also thrown by lock() for requirements that ask
/// for several resources (use lock_many()).
class InvalidRequirements : public Error {
 public:
  using Error::Error;
};

/// The inventory was read but is not one: the message names the file, and the line and column (syntax) or the
/// index and id of the element (content).
class InvalidInventory : public Error {
 public:
  using Error::Error;
};

/// No resource of the inventory matches, held or not: waiting would not help. The message says why.
class ResourceNotFound : public Error {
 public:
  using Error::Error;
};

/// Resources match, but none came free in time. The message says who holds them and since when.
class AllocationTimeout : public Error {
 public:
  using Error::Error;
};

/// What was granted turned out to be broken (Options::probe, Options::quarantine_after) and was set aside,
/// and now too few of the resources that match are left. The message names those set aside, why and until
/// when. Also when what failed its probe is shared by `$slots`, and so cannot be set aside. Nothing is held.
class AllSetAside : public Error {
 public:
  using Error::Error;
};

/// The request would close a cycle of processes that hold and wait. The message names the cycle.
class Deadlock : public Error {
 public:
  using Error::Error;
};

/// The inventory cannot be had: no such file, no answer.
class ProviderError : public Error {
 public:
  using Error::Error;
};

/// The lock store cannot do its work; nothing is held because of the failed call.
class StoreError : public Error {
 public:
  using Error::Error;
};

/// The lock folder is missing and cannot be made, is no folder, is not writable, or its disk is full.
class LockFolderError : public StoreError {
 public:
  using StoreError::StoreError;
};

/// A lock that was held is gone: somebody removed its file, or its lease ended.
class LockLost : public Error {
 public:
  using Error::Error;
};

/// Options::interrupt_fd became readable while a request waited, for resources or for the inventory. The
/// request left the queue; nothing is held.
class Interrupted : public Error {
 public:
  using Error::Error;
};

}  // namespace lockable
