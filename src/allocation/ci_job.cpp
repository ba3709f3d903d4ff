#include "allocation/ci_job.h"

#include <algorithm>
#include <string_view>

namespace lockable {
namespace {

constexpr std::size_t kLongest = 1000;

// `$NAME` stands for a variable; all of them must be set. Those of one system only come before those whose
// names others use as well.
constexpr const char* kJobs[] = {
    "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID",  // also Gitea, Forgejo
    "$CI_JOB_URL",                                                        // GitLab
    "$BUILDKITE_BUILD_URL#$BUILDKITE_JOB_ID",
    "$BUILDKITE_BUILD_URL",
    "$CIRCLE_BUILD_URL",
    "$TRAVIS_JOB_WEB_URL",
    "$TRAVIS_BUILD_WEB_URL",
    "$SYSTEM_COLLECTIONURI/$SYSTEM_TEAMPROJECT/_build/results?buildId=$BUILD_BUILDID",  // Azure
    "$DRONE_BUILD_LINK",
    "$CI_PIPELINE_URL",  // Woodpecker
    "$APPVEYOR_URL/project/$APPVEYOR_ACCOUNT_NAME/$APPVEYOR_PROJECT_SLUG/builds/$APPVEYOR_BUILD_ID",
    "$BITBUCKET_GIT_HTTP_ORIGIN/pipelines/results/$BITBUCKET_BUILD_NUMBER",
    "$BITRISE_BUILD_URL",
    "$CODEBUILD_BUILD_URL",
    "$SEMAPHORE_ORGANIZATION_URL/jobs/$SEMAPHORE_JOB_ID",
    "https://cirrus-ci.com/task/$CIRRUS_TASK_ID",
    "$BUILD_URL",  // Jenkins
};

bool in_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// Without a slash at its end, which the template has, and with spaces (of a project's name) as URLs have
// them.
std::string in_url(std::string value) {
  while (!value.empty() && value.back() == '/') value.pop_back();
  std::string result;
  for (const char c : value) result += c == ' ' ? "%20" : std::string(1, c);
  return result;
}

std::string fill_in(std::string_view job, const std::function<std::string(const std::string&)>& variable) {
  std::string url;
  for (std::size_t at = 0; at < job.size();) {
    if (job[at] != '$') {
      url += job[at++];
      continue;
    }
    std::size_t end = at + 1;
    while (end < job.size() && in_name(job[end])) ++end;
    const std::string value = in_url(variable(std::string(job.substr(at + 1, end - at - 1))));
    if (value.empty()) return "";
    url += value;
    at = end;
  }
  return url;
}

bool is_url(const std::string& text) {
  const bool known = text.rfind("https://", 0) == 0 || text.rfind("http://", 0) == 0;
  return known && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

std::string without_user(const std::string& url) {
  const std::size_t start = url.find("://") + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", start), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  return at == url.npos || at < start ? url : url.substr(0, start) + url.substr(at + 1);
}

bool secret(std::string parameter) {
  parameter.resize(std::min(parameter.find('='), parameter.size()));
  for (char& c : parameter) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto has = [&parameter](const char* part) { return parameter.find(part) != parameter.npos; };
  return has("token") || has("pass") || has("secret") || has("key") || has("auth") || has("sig") ||
         has("cred");
}

std::string without_secrets(const std::string& url) {
  const std::size_t query = url.find('?');
  if (query == url.npos) return url;
  const std::size_t fragment = std::min(url.find('#', query), url.size());
  std::string kept;
  for (std::size_t at = query + 1; at < fragment;) {
    const std::size_t end = std::min(url.find_first_of("&;", at), fragment);
    const std::string parameter = url.substr(at, end - at);
    if (!secret(parameter)) kept += (kept.empty() ? "?" : "&") + parameter;
    at = end + 1;
  }
  return url.substr(0, query) + kept + url.substr(fragment);
}

}  // namespace

std::string ci_job_url(const std::function<std::string(const std::string& name)>& variable) {
  for (const char* job : kJobs) {
    const std::string url = fill_in(job, variable);
    if (is_url(url)) return without_secrets(without_user(url));
  }
  return "";
}

}  // namespace lockable
