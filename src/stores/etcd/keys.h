/// \file
/// The names of all that is kept in etcd. Pure.
///
/// Within the lab's namespace, an id with all but letters, digits, `.`, `_` and `-` as `%XX`:
/// - `held/<id>/whole`: who holds it (Hold::owner with `alloc_id`), under the holder's etcd lease;
/// - `held/<id>/reserved`: a reservation, under an etcd lease that ends with it, or none;
/// - `held/<id>/slots/<alloc_id>`: who has so many of its slots (`slots`), under the holder's etcd lease;
/// - `held/<id>/in_use`: as long as `whole` was not given back. Alone, it was left by one who died;
/// - `used/<id>`: its revision tells when the resource was given back last;
/// - `failures/<id>`: how many owners in a row failed;
/// - `doctor/…`: what LockStore::examine() tries whether it may write;
/// - `queue/<ticket>`: a request that waits, under its etcd lease. Its first revision is its place.
#pragma once

#include <optional>
#include <string>

#include "stores/etcd/messages.h"

namespace lockable::etcd {

class Names {
 public:
  explicit Names(const std::string& name_space) : start_(name_space + "/") {}

  Keys everything_held() const { return all_with(start_ + "held/"); }
  Keys all_holds(const std::string& id) const { return all_with(held(id)); }
  std::string whole(const std::string& id) const { return held(id) + "whole"; }
  std::string reserved(const std::string& id) const { return held(id) + "reserved"; }
  std::string slots(const std::string& id, const std::string& alloc_id) const {
    return held(id) + "slots/" + alloc_id;
  }
  std::string in_use(const std::string& id) const { return held(id) + "in_use"; }
  std::string used(const std::string& id) const;
  std::string failures(const std::string& id) const;
  /// All that is held and all tickets. Only another namespace within this one can stand between them.
  Keys all_that_ends() const { return {everything_held().first, whole_queue().end}; }
  std::string trial(const std::string& name) const { return start_ + "doctor/" + name; }
  Keys whole_queue() const { return all_with(start_ + "queue/"); }
  std::string ticket(const std::string& ticket_id) const { return start_ + "queue/" + ticket_id; }
  bool is_ticket(const std::string& key) const { return key.rfind(start_ + "queue/", 0) == 0; }
  bool is_held(const std::string& key) const { return key.rfind(start_ + "held/", 0) == 0; }

  /// The id of the resource that a key under `held/` or `used/` is about.
  std::optional<std::string> resource_of(const std::string& key) const;
  std::string ticket_of(const std::string& key) const;

 private:
  std::string held(const std::string& id) const;
  std::string start_;
};

}  // namespace lockable::etcd
