/// \file
/// Speaking to an etcd cluster: its HTTP/JSON gateway, version 3.4 or later.
///
/// A call goes to one member, and on to the next when that one is not to be reached, is silent, or has no
/// leader to ask. A call may therefore have been carried out although an earlier try of it seemed to fail:
/// callers see to it that it does no harm twice.
#pragma once

#include <lockable/clock.h>
#include <lockable/error.h>
#include <lockable/lock_store.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "net/http.h"
#include "net/transfer.h"
#include "stores/etcd/address.h"
#include "stores/etcd/messages.h"

namespace lockable::etcd {

/// The cluster said no.
class Refusal : public StoreError {
 public:
  Refusal(const std::string& what, int code) : StoreError(what), code_(code) {}
  /// As gRPC counts them.
  int code() const { return code_; }
  bool not_found() const { return code_ == 5; }

 private:
  int code_;
};

/// For what can be made up for: so long it is tried at once.
constexpr std::chrono::seconds kQuickly{2};

/// Whom we say we are.
struct Credentials {
  net::Identification tls;
  std::string user;
  std::string password;
};

/// Any thread may call. In a forked child the connections of its parent are left alone.
class Gateway {
 public:
  /// `interrupt_fd`: StoreOptions::interrupt_fd.
  Gateway(Address address, Credentials credentials, int interrupt_fd);

  const Address& address() const { return address_; }

  /// `body` is JSON text (messages.h). Blocks until the cluster has answered, at most until `deadline`.
  /// Throws Refusal, or StoreError when no member could be asked, and Interrupted before it ever answered.
  Json call(const std::string& path, const std::string& body, BootClock::time_point deadline);
  /// The same for a transaction, with as much patience as short breaks need.
  Answer commit(const std::string& transaction, std::chrono::nanoseconds patience);

  struct Reply {
    Json said;
    std::chrono::nanoseconds took{0};
    std::string date;  ///< of the member's clock (RFC 9110); empty when it does not say
  };
  /// Asks that member and no other. Throws StoreError.
  Reply ask(std::size_t member, const std::string& path, const std::string& body);

  /// The latest revision that the cluster told of.
  std::int64_t revision() const { return revision_; }
  /// Whether a call was ever made a second time: the first try may be carried out at any later time.
  bool tried_again() const { return tried_again_; }

  /// One request to the member asked at present, for a stream.
  net::Request request(const std::string& path, const std::string& body);
  /// Which member is asked at present; and that it gave trouble, so that the next one is.
  std::size_t member() const { return member_; }
  void leave(std::size_t member) noexcept;

 private:
  Json call_member(std::size_t member, const std::string& path, const std::string& body,
                   BootClock::time_point until);
  std::string url(std::size_t member, const std::string& path) const;
  int interrupt_fd() const { return reached_ ? -1 : interrupt_fd_; }
  void note_revision(const Json& answer) noexcept;
  std::string nor_by_others() const;
  void authenticate(std::size_t member, BootClock::time_point until);
  net::Response send(const net::Request& request, BootClock::time_point until);
  net::Connections take_connections();
  void give_back(net::Connections connections) noexcept;

  const Address address_;
  const Credentials credentials_;
  const int interrupt_fd_;
  std::atomic<std::size_t> member_{0};
  std::atomic<bool> reached_{false};
  std::atomic<bool> tried_again_{false};
  std::atomic<std::int64_t> revision_{0};
  std::mutex mutex_;  // of all below
  std::string token_;
  std::vector<net::Connections> idle_;
  int idle_pid_ = 0;  // a forked child does not have them
};

/// What the environment says where the options do not. Throws StoreError for what cannot be.
EtcdOptions with_environment(EtcdOptions options);
Credentials credentials(const EtcdOptions& options, const Address& address);

}  // namespace lockable::etcd
