#include "support/etcd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <stdexcept>

namespace lockable::testing {
namespace {

constexpr int kTries = 3;  // somebody else may have got a port between our look and etcd's

bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// Below those that the system gives to clients: a member that is started again needs the port it had.
int free_port() {
  static std::mt19937 random{std::random_device()()};
  for (;;)
    if (const int port = std::uniform_int_distribution<int>(10000, 32000)(random); is_free(port)) return port;
}

std::string memory_folder() {
  const char* shared = "/dev/shm";
  return ::access(shared, W_OK) == 0 ? shared : std::filesystem::temp_directory_path().string();
}

}  // namespace

EtcdMember::EtcdMember(std::string name, int client_port, int peer_port, EtcdSettings settings)
    : name_(std::move(name)),
      client_port_(client_port),
      peer_port_(peer_port),
      settings_(std::move(settings)),
      data_(memory_folder()) {}

std::string EtcdMember::endpoint() const {
  return (settings_.certificates.empty() ? "127.0.0.1:" : "localhost:") + std::to_string(client_port_);
}

std::string EtcdMember::peer_url() const { return "http://127.0.0.1:" + std::to_string(peer_port_); }

void EtcdMember::start(const std::string& initial_cluster) {
  const bool tls = !settings_.certificates.empty();
  const std::string scheme = tls ? "https://" : "http://";
  Command command;
  command.argv = {"setpriv", "--pdeathsig", "KILL", "etcd", "--name", name_, "--data-dir", data_ / "data"};
  const std::string listen = scheme + "127.0.0.1:" + std::to_string(client_port_);
  command.argv.insert(
      command.argv.end(),
      {"--listen-client-urls", listen, "--advertise-client-urls", scheme + endpoint(), "--listen-peer-urls",
       peer_url(), "--initial-advertise-peer-urls", peer_url(), "--initial-cluster", initial_cluster});
  if (tls) {
    const std::string base = settings_.certificates + "/";
    command.argv.insert(command.argv.end(), {"--cert-file", base + settings_.certificate + ".pem",
                                             "--key-file", base + settings_.certificate + ".key",
                                             "--client-cert-auth", "--trusted-ca-file", base + "ca.pem"});
  }
  command.argv.insert(command.argv.end(), settings_.arguments.begin(), settings_.arguments.end());
  process_ = std::make_unique<Process>(command);
}

void EtcdMember::await_serving() { process_->await_output("client requests on"); }

void EtcdMember::kill() { process_.reset(); }
void EtcdMember::stop() const { process_->kill(SIGSTOP); }
void EtcdMember::go_on() const { process_->kill(SIGCONT); }

EtcdCluster::EtcdCluster(std::size_t members, EtcdSettings settings) : settings_(std::move(settings)) {
  for (int tries = 1;; ++tries) try {
      members_.clear();
      for (std::size_t i = 0; i < members; ++i)
        members_.push_back(
            std::make_unique<EtcdMember>("m" + std::to_string(i), free_port(), free_port(), settings_));
      start_all();
      return;
    } catch (const std::runtime_error&) {
      if (tries == kTries) throw;
    }
}

void EtcdCluster::start_all() {
  for (std::size_t i = 0; i < size(); ++i) restart(i, false);
  for (const auto& member : members_) member->await_serving();
}

void EtcdCluster::restart(std::size_t index, bool await) {
  std::string cluster;
  for (const auto& member : members_)
    cluster += (cluster.empty() ? "" : ",") + member->name() + "=" + member->peer_url();
  members_[index]->start(cluster);
  if (await) members_[index]->await_serving();
}

std::size_t EtcdCluster::leader() {
  std::size_t leader = size();
  testing::await("one member leads", [&] {
    for (std::size_t i = 0; i < size(); ++i) {
      if (!members_[i]->running()) continue;
      const Ended asked =
          etcdctl({"endpoint", "status", "--command-timeout", "1s", "-w", "json"}, static_cast<int>(i));
      if (asked.exit_code != 0) continue;
      const auto status = nlohmann::json::parse(asked.out).at(0).at("Status");
      if (status.value("leader", std::uint64_t{0}) == status.at("header").at("member_id")) leader = i;
    }
    return leader < size();
  });
  return leader;
}

std::string EtcdCluster::uri(const std::string& name_space) const {
  std::vector<std::string> hosts;
  hosts.reserve(members_.size());
  for (const auto& member : members_) hosts.push_back(member->endpoint());
  return uri_by(hosts, name_space);
}

std::string EtcdCluster::uri_by(const std::vector<std::string>& hosts, const std::string& name_space) const {
  std::string all;
  for (const std::string& host : hosts) all += (all.empty() ? "" : ",") + host;
  return (settings_.certificates.empty() ? "etcd://" : "etcds://") + all + "/" + name_space;
}

Ended EtcdCluster::etcdctl(std::vector<std::string> arguments, int member) const {
  std::size_t asked = member < 0 ? 0 : static_cast<std::size_t>(member);
  while (member < 0 && asked + 1 < size() && !members_[asked]->running()) ++asked;
  Command command;
  const bool tls = !settings_.certificates.empty();
  command.argv = {"etcdctl", "--endpoints", (tls ? "https://" : "http://") + members_[asked]->endpoint()};
  if (tls) {
    const std::string base = settings_.certificates + "/";
    command.argv.insert(command.argv.end(), {"--cacert", base + "ca.pem", "--cert", base + "client.pem",
                                             "--key", base + "client.key"});
  }
  if (!root_password_.empty()) command.argv.insert(command.argv.end(), {"--user", "root:" + root_password_});
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.env = {{"ETCDCTL_API", "3"}};
  return run(command);
}

std::string EtcdCluster::etcdctl_out(std::vector<std::string> arguments) const {
  Ended ended = etcdctl(std::move(arguments));
  if (ended.exit_code != 0) throw std::runtime_error("etcdctl: " + ended.out + ended.err);
  while (!ended.out.empty() && ended.out.back() == '\n') ended.out.pop_back();
  return ended.out;
}

void EtcdCluster::require_user(const std::string& user, const std::string& password,
                               const std::string& name_space) {
  etcdctl_out({"user", "add", "root:" + password});
  etcdctl_out({"user", "grant-role", "root", "root"});
  etcdctl_out({"user", "add", user + ":" + password});
  etcdctl_out({"role", "add", "lab"});
  etcdctl_out({"role", "grant-permission", "lab", "--prefix=true", "readwrite", name_space + "/"});
  etcdctl_out({"user", "grant-role", user, "lab"});
  etcdctl_out({"auth", "enable"});
  root_password_ = password;
}

double EtcdCluster::metric(const std::string& name, const std::string& part) const {
  double sum = 0;
  for (const auto& member : members_) {
    if (!member->running()) continue;
    const std::string fetch =
        "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())";
    const Ended ended =
        run({{"python3", "-c", fetch, "http://" + member->endpoint() + "/metrics"}, {}, "", ""});
    std::istringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);)
      if (line.rfind(name, 0) == 0 && contains(line, part))
        sum += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

}  // namespace lockable::testing
