#include "support/http_server.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/temp_folder.h"

namespace lockable::testing {
namespace {

Command server_command(const std::string& folder, const std::vector<std::string>& options) {
  Command command;
  command.argv = {"python3", LOCKABLE_TEST_SUPPORT "/http_server.py", folder};
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  return command;
}

}  // namespace

HttpServer::HttpServer(const std::string& folder, const std::vector<std::string>& options)
    : folder_(folder),
      tls_(std::find(options.begin(), options.end(), "--tls") != options.end()),
      process_(server_command(folder, options)) {
  process_.await_output("\n");
  port_ = std::stoi(process_.out().substr(std::string("port ").size()));
}

std::string HttpServer::url(const std::string& path, const std::string& user) const {
  return (tls_ ? "https://" : "http://") + (user.empty() ? "" : user + "@") +
         (tls_ ? "localhost:" : "127.0.0.1:") + std::to_string(port_) + path;
}

std::vector<nlohmann::json> HttpServer::requests() const {
  std::vector<nlohmann::json> result;
  std::istringstream lines(read_text(folder_ + "/requests"));
  for (std::string line; std::getline(lines, line) && !lines.eof();)
    result.push_back(nlohmann::json::parse(line));
  return result;
}

std::size_t HttpServer::count(int status) const {
  const auto all = requests();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [status](const auto& request) { return request.at("status") == status; }));
}

void HttpServer::await_count(int status, std::size_t count) const {
  await(std::to_string(count) + " answers " + std::to_string(status),
        [&] { return this->count(status) >= count; });
}

void make_certificates(const std::string& folder) {
  Command command;
  command.argv = {LOCKABLE_TEST_SUPPORT "/make-certificates", folder};
  if (const Ended ended = run(command); ended.exit_code != 0)
    throw std::runtime_error("no certificates: " + read_text(folder + "/openssl.log"));
}

}  // namespace lockable::testing
