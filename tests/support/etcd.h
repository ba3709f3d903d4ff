/// \file
/// A real etcd of the test's own: one member, or a cluster of three, on loopback.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/temp_folder.h"

namespace lockable::testing {

/// How members are started.
struct EtcdSettings {
  std::vector<std::string> arguments = {};  ///< more of etcd's own
  /// A folder made by make_certificates(): clients speak TLS, and show a certificate that ca.pem has signed.
  std::string certificates = {};
  std::string certificate = "good";  ///< the member's, in that folder
};

/// One member. Its data are in memory where that can be, so that no disk makes a test slow. It ends with this
/// process, however that ends.
class EtcdMember {
 public:
  /// `initial_cluster` as etcd takes it: `name=peer URL` of every member.
  EtcdMember(std::string name, int client_port, int peer_port, EtcdSettings settings);

  /// Starts it, also again after kill(), with the data it had.
  void start(const std::string& initial_cluster);
  /// Blocks until it serves clients: it knows a leader then.
  void await_serving();
  /// SIGKILL; returns once it is gone.
  void kill();
  /// SIGSTOP and SIGCONT.
  void stop() const;
  void go_on() const;
  bool running() const { return process_ != nullptr; }

  int client_port() const { return client_port_; }
  /// `host:port`, as in a URI of ours.
  std::string endpoint() const;
  std::string peer_url() const;
  const std::string& name() const { return name_; }
  /// What it printed since it was started.
  std::string log() const { return process_ == nullptr ? "" : process_->out() + process_->err(); }

 private:
  std::string name_;
  int client_port_, peer_port_;
  EtcdSettings settings_;
  TempFolder data_;
  std::unique_ptr<Process> process_;
};

/// A cluster that serves, of one member or several.
class EtcdCluster {
 public:
  explicit EtcdCluster(std::size_t members, EtcdSettings settings = {});

  EtcdMember& operator[](std::size_t index) { return *members_[index]; }
  std::size_t size() const { return members_.size(); }
  /// Starts a member that was killed; blocks until it serves, when asked to.
  void restart(std::size_t index, bool await = true);
  /// The member that leads; blocks until one of those that answer is known to.
  std::size_t leader();

  /// `etcd://…` with all members and a namespace; or with other hosts, a proxy say.
  std::string uri(const std::string& name_space = "lab") const;
  std::string uri_by(const std::vector<std::string>& hosts, const std::string& name_space = "lab") const;
  /// etcdctl on the first member that runs, or on that one.
  Ended etcdctl(std::vector<std::string> arguments, int member = -1) const;
  /// What it prints, without the end of the line; throws when it fails.
  std::string etcdctl_out(std::vector<std::string> arguments) const;
  /// Switches authentication on: root, and a user that may use the namespace. Both have that password.
  void require_user(const std::string& user, const std::string& password, const std::string& name_space);
  /// The sum of a counter of all members, as in `/metrics`: of the lines that begin with that name and
  /// contain that part.
  double metric(const std::string& name, const std::string& part = "") const;

 private:
  void start_all();

  EtcdSettings settings_;
  std::string root_password_;
  std::vector<std::unique_ptr<EtcdMember>> members_;
};

}  // namespace lockable::testing
