#include "stores/etcd/gateway.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/one_line.h"
#include "json/read_json.h"
#include "net/retry.h"
#include "platform/identity.h"
#include "platform/wakeup.h"

namespace lockable::etcd {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnect = 1s;
constexpr auto kTry = 2s;           // a member that says nothing for so long is stopped, or cut off
constexpr auto kFirstContact = 5s;  // where a cluster was never reached it is more likely not there
constexpr auto kFirstPause = 20ms;
constexpr auto kLongestPause = 500ms;
constexpr std::size_t kAnswerLimit = std::size_t{256} << 20;
constexpr std::size_t kMostIdle = 8;

constexpr int kDeadlineExceeded = 4, kResourceExhausted = 8, kUnavailable = 14, kUnauthenticated = 16;

/// Another member may have more luck, or the same one in a moment.
class Passing : public StoreError {
 public:
  using StoreError::StoreError;
};

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

// etcd's own words for them (server/etcdserver/api/v3rpc/rpctypes/error.go).
std::string advice(int code, const std::string& text) {
  if (has(text, "database space exceeded"))
    return " (its disk quota is used up: etcdctl compact, etcdctl defrag, then etcdctl alarm disarm)";
  if (has(text, "user name is empty") || has(text, "invalid user ID or password"))
    return " (LOCKABLE_ETCD_USER and LOCKABLE_ETCD_PASSWORD or LOCKABLE_ETCD_PASSWORD_FILE say who we are)";
  if (code == 7 || has(text, "permission denied"))
    return " (the user needs a role that may read and write all keys of the namespace)";
  return "";
}

bool is_passing(int code, const std::string& text) {
  if (code == kUnavailable || code == kDeadlineExceeded) return true;
  if (code == kResourceExhausted) return !has(text, "space exceeded");
  return has(text, "leader") || has(text, "timed out") || has(text, "too many requests");
}

[[noreturn]] void refuse(const std::string& endpoint, const net::Response& response) {
  int code = 0;
  std::string text = one_line(response.body.substr(0, 400));
  const Json said = Json::parse(response.body, nullptr, false);
  if (said.is_object()) {
    code = static_cast<int>(integer(said, "code"));
    if (const auto error = said.find("error"); error != said.end() && error->is_string())
      text = one_line(error->get_ref<const std::string&>());
  }
  const std::string what =
      fmt::format("etcd at {}: {}{}", endpoint, text.empty() ? net::describe_status(response.status) : text,
                  advice(code, text));
  if (is_passing(code, text) || (code == 0 && net::worth_retrying(response.status))) throw Passing(what);
  if (code == 0) throw StoreError(what + ": is this etcd 3.4 or later?");
  throw Refusal(what, code);
}

Json read_answer_of(const std::string& endpoint, const net::Response& response) try {
  return read_json(response.body);
} catch (const SyntaxError& error) {
  throw StoreError(fmt::format("etcd at {}: its answer is no JSON: {}: is this etcd 3.4 or later?", endpoint,
                               error.what()));
}

}  // namespace

Gateway::Gateway(Address address, Credentials credentials, int interrupt_fd)
    : address_(std::move(address)), credentials_(std::move(credentials)), interrupt_fd_(interrupt_fd) {}

void Gateway::leave(std::size_t member) noexcept {
  member_.compare_exchange_strong(member, (member + 1) % address_.endpoints.size());
}

Json Gateway::call(const std::string& path, const std::string& body, BootClock::time_point deadline) {
  const auto started = BootClock::now();
  if (!reached_) deadline = std::min<BootClock::time_point>(deadline, started + kFirstContact);
  BootClock::duration pause = kFirstPause;
  std::string trouble;
  for (std::size_t tries = 1;; ++tries) {
    const std::size_t member = member_;
    const auto now = BootClock::now();
    try {
      Json answer = call_member(member, path, body, std::min(deadline, now + kTry));
      reached_ = true;
      note_revision(answer);
      return answer;
    } catch (const Passing& error) {
      if (trouble.empty() || now + kTry <= deadline) trouble = error.what();  // it had its time
    }
    leave(member);  // the next call must not begin there
    tried_again_ = true;
    if (BootClock::now() >= deadline)
      throw StoreError(fmt::format("{} (tried for {:.1f} s{})", trouble,
                                   std::chrono::duration<double>(BootClock::now() - started).count(),
                                   nor_by_others()));
    if (tries % address_.endpoints.size() != 0) continue;  // the next one may do at once
    platform::Timer().wait_readable({interrupt_fd()}, std::min(deadline, BootClock::now() + pause));
    if (platform::readable(interrupt_fd())) throw Interrupted("interrupted while waiting for " + trouble);
    pause = std::min<BootClock::duration>(2 * pause, kLongestPause);
  }
}

void Gateway::note_revision(const Json& answer) noexcept {
  const auto header = answer.is_object() ? answer.find("header") : answer.end();
  if (header == answer.end() || !header->is_object()) return;
  const std::int64_t told = integer(*header, "revision");
  for (std::int64_t known = revision_; known < told && !revision_.compare_exchange_weak(known, told);) {
  }
}

std::string Gateway::url(std::size_t member, const std::string& path) const {
  return fmt::format("{}/v3/{}", address_.endpoints[member], path);
}

std::string Gateway::nor_by_others() const {
  return address_.endpoints.size() < 2 ? "" : "; no other member of " + address_.uri + " did better";
}

Answer Gateway::commit(const std::string& transaction, std::chrono::nanoseconds patience) try {
  return read_answer(call("kv/txn", transaction, BootClock::now() + patience));
} catch (const Json::exception& error) {
  throw StoreError(fmt::format("etcd at {}: its answer is not understood: {}", address_.uri, error.what()));
}

Gateway::Reply Gateway::ask(std::size_t member, const std::string& path, const std::string& body) {
  net::Request asked = request(path, body);
  asked.url = url(member, path);
  const auto now = BootClock::now();
  net::Response response = send(asked, now + kTry);
  if (response.status != 200) refuse(address_.endpoints[member], response);
  return {read_answer_of(address_.endpoints[member], response), BootClock::now() - now,
          response.headers["date"]};
}

net::Request Gateway::request(const std::string& path, const std::string& body) {
  net::Request request;
  request.method = "POST";
  request.url = url(member_, path);
  request.body = body;
  request.headers = {"Content-Type: application/json", "Expect:"};
  request.identification = credentials_.tls;
  request.limits = {kConnect, kTry, kAnswerLimit, 0};
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!token_.empty()) request.headers.push_back("Authorization: " + token_);
  return request;
}

Json Gateway::call_member(std::size_t member, const std::string& path, const std::string& body,
                          BootClock::time_point until) {
  const std::string& endpoint = address_.endpoints[member];
  for (bool again = true;; again = false) {
    net::Request asked = request(path, body);
    asked.url = url(member, path);
    const net::Response response = send(asked, until);
    if (response.status == 200) return read_answer_of(endpoint, response);
    try {
      refuse(endpoint, response);
    } catch (const Refusal& refusal) {
      const bool token_over =
          refusal.code() == kUnauthenticated || has(refusal.what(), "invalid auth token") ||
          has(refusal.what(), "revision of auth store is old") || has(refusal.what(), "user name is empty");
      if (!again || !token_over || credentials_.user.empty()) throw;
    }
    authenticate(member, until);
  }
}

void Gateway::authenticate(std::size_t member, BootClock::time_point until) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    token_.clear();
  }
  net::Request asked = request("auth/authenticate",
                               Json{{"name", credentials_.user}, {"password", credentials_.password}}.dump());
  const std::string& endpoint = address_.endpoints[member];
  asked.url = url(member, "auth/authenticate");
  const net::Response response = send(asked, until);
  if (response.status != 200) refuse(endpoint, response);
  const Json said = read_answer_of(endpoint, response);
  const std::lock_guard<std::mutex> guard(mutex_);
  token_ = said.value("token", "");
}

net::Response Gateway::send(const net::Request& request, BootClock::time_point until) try {
  net::Connections connections = take_connections();
  auto answer = net::exchange(request, connections, until, interrupt_fd());
  if (!answer)
    throw Passing(fmt::format("etcd at {}: no answer within {:g} s",
                              request.url.substr(0, request.url.find("/v3/")),
                              std::chrono::duration<double>(kTry).count()));
  give_back(std::move(connections));
  return std::move(answer->response);
} catch (const Interrupted&) {
  throw Interrupted("interrupted while waiting for etcd at " +
                    request.url.substr(0, request.url.find("/v3/")));
} catch (const net::HttpError& error) {
  const std::string text = error.what();
  const bool perhaps_tls = !address_.tls && has(text, "Empty reply");
  const std::string what =
      fmt::format("etcd at {}: {}{}", request.url.substr(0, request.url.find("/v3/")), text,
                  perhaps_tls ? " (does it speak TLS? then its URI is etcds://…)" : "");
  if (error.trouble() == net::Trouble::kPassing) throw Passing(what);
  throw StoreError(what);
}

net::Connections Gateway::take_connections() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (idle_pid_ != platform::own_pid()) {
    // Those of our parent stay as they are: to end them here would end them there.
    static auto* parents = new std::vector<std::vector<net::Connections>>;
    parents->push_back(std::move(idle_));
    idle_.clear();
    idle_pid_ = platform::own_pid();
  }
  if (idle_.empty()) return {};
  net::Connections connections = std::move(idle_.back());
  idle_.pop_back();
  return connections;
}

void Gateway::give_back(net::Connections connections) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(connections));
}

}  // namespace lockable::etcd
